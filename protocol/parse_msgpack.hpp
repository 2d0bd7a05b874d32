#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "protocol/wire_value.hpp"

namespace tickcast::protocol {

/// Reads MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) once, front to back, and tells
/// a handler what is there (wire_value.hpp). Allocates nothing; every length is checked against the bytes
/// that are left before anything is done with it. A key that is no string is passed over.
///
/// Written by hand because every tick comes through here: msgpack-cxx's parser needs three times as long and
/// an allocation a message.
template <class Handler>
class msgpack_parser {
public:
  /// Nesting beyond this stops the parser.
  static constexpr std::size_t most_depth = 1024;

  msgpack_parser(std::string_view bytes, Handler& handler) noexcept
      : begin_(reinterpret_cast<position>(bytes.data())), end_(begin_ + bytes.size()), handler_(handler) {}

  parse_end run() {
    position at = begin_;
    for (;;) {
      at = item(at);
      if (at == nullptr) return failure_;
      while (depth_ != 0 && open_[depth_ - 1].left == 0) {
        --depth_;
        if (!(open_[depth_].is_map ? handler_.end_map() : handler_.end_array())) return parse_end::stopped;
      }
      if (depth_ == 0) return at == end_ ? parse_end::whole : parse_end::broken;
    }
  }

private:
  /// Where the next byte is read. Goes through the functions as argument and result, nullptr when one failed,
  /// so that it stays in a register.
  using position = const unsigned char*;

  struct container {
    std::uint64_t left;  ///< items still to come; a map has two an entry
    bool is_map;
  };

  std::uint64_t room(position at) const noexcept { return static_cast<std::uint64_t>(end_ - at); }
  position broken() noexcept {
    failure_ = parse_end::broken;
    return nullptr;
  }
  /// `at`, if the handler said to go on.
  position told(bool go_on, position at) noexcept {
    if (go_on) return at;
    failure_ = parse_end::stopped;
    return nullptr;
  }

  /// A big-endian number; the caller has checked that it is there.
  template <class Unsigned>
  static Unsigned load(position at) noexcept {
    Unsigned value = 0;
    std::memcpy(&value, at, sizeof value);
    if constexpr (std::endian::native == std::endian::big || sizeof value == 1) return value;
    if constexpr (sizeof value == 2) return __builtin_bswap16(value);
    if constexpr (sizeof value == 4) return __builtin_bswap32(value);
    if constexpr (sizeof value == 8) return __builtin_bswap64(value);
  }

  [[gnu::always_inline]] inline position item(position at) {
    if (at == end_) return broken();
    const unsigned char head = *at++;
    if (depth_ != 0) {
      container& top = open_[depth_ - 1];
      const bool is_key = top.is_map && top.left % 2 == 0;
      --top.left;
      if (is_key) return key(head, at);
    }
    if (head <= 0x7f) return told(handler_.value(wire_value::of_natural(head)), at);
    if (head <= 0x8f) return open(head & 0x0fU, true, at);
    if (head <= 0x9f) return open(head & 0x0fU, false, at);
    if (head <= 0xbf) return text(head & 0x1fU, at);
    if (head >= 0xe0)
      return told(handler_.value(wire_value::of_negative(static_cast<std::int8_t>(head))), at);
    return long_item(head, at);
  }

  position long_item(unsigned char head, position at) {
    switch (head) {
      case 0xc0:
        return told(handler_.value(wire_value::null()), at);
      case 0xc2:
      case 0xc3:
        return told(handler_.value(wire_value::of_boolean(head == 0xc3)), at);
      case 0xca:
        return number<std::uint32_t>(
            at, [](std::uint32_t v) { return wire_value::of_single(std::bit_cast<float>(v)); });
      case 0xcb:
        return number<std::uint64_t>(
            at, [](std::uint64_t v) { return wire_value::of_real(std::bit_cast<double>(v)); });
      case 0xcc:
        return number<std::uint8_t>(at, wire_value::of_natural);
      case 0xcd:
        return number<std::uint16_t>(at, wire_value::of_natural);
      case 0xce:
        return number<std::uint32_t>(at, wire_value::of_natural);
      case 0xcf:
        return number<std::uint64_t>(at, wire_value::of_natural);
      case 0xd0:
        return number<std::uint8_t>(at, [](std::uint8_t v) { return of_whole(static_cast<std::int8_t>(v)); });
      case 0xd1:
        return number<std::uint16_t>(at,
                                     [](std::uint16_t v) { return of_whole(static_cast<std::int16_t>(v)); });
      case 0xd2:
        return number<std::uint32_t>(at,
                                     [](std::uint32_t v) { return of_whole(static_cast<std::int32_t>(v)); });
      case 0xd3:
        return number<std::uint64_t>(at,
                                     [](std::uint64_t v) { return of_whole(static_cast<std::int64_t>(v)); });
      default:
        return sized_item(head, at);
    }
  }

  static wire_value of_whole(std::int64_t value) noexcept {
    return value < 0 ? wire_value::of_negative(value)
                     : wire_value::of_natural(static_cast<std::uint64_t>(value));
  }

  template <class Unsigned, class Make>
  position number(position at, Make make) {
    if (room(at) < sizeof(Unsigned)) return broken();
    return told(handler_.value(make(load<Unsigned>(at))), at + sizeof(Unsigned));
  }

  position sized_item(unsigned char head, position at) {
    std::uint64_t size = 0;
    at = read_size(head, size, at);
    if (at == nullptr) return broken();
    switch (head) {
      case 0xd9:
      case 0xda:
      case 0xdb:
        return text(size, at);
      case 0xdc:
      case 0xdd:
        return open(size, false, at);
      case 0xde:
      case 0xdf:
        return open(size, true, at);
      default:
        if (size > room(at)) return broken();
        return told(handler_.value(wire_value::of_kind(wire_value::kind::opaque)), at + size);
    }
  }

  /// The length behind `head`: bytes (an extension's type included), elements or entries. nullptr when `head`
  /// has none or it is cut off.
  position read_size(unsigned char head, std::uint64_t& size, position at) const noexcept {
    switch (head) {
      case 0xc4:  // bin
      case 0xd9:  // str
        return load_size<std::uint8_t>(size, 0, at);
      case 0xc5:
      case 0xda:
      case 0xdc:  // array
      case 0xde:  // map
        return load_size<std::uint16_t>(size, 0, at);
      case 0xc6:
      case 0xdb:
      case 0xdd:
      case 0xdf:
        return load_size<std::uint32_t>(size, 0, at);
      case 0xc7:  // ext
        return load_size<std::uint8_t>(size, 1, at);
      case 0xc8:
        return load_size<std::uint16_t>(size, 1, at);
      case 0xc9:
        return load_size<std::uint32_t>(size, 1, at);
      case 0xd4:  // fixext
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        size = (std::uint64_t{1} << (head - 0xd4)) + 1;
        return at;
      default:
        return nullptr;
    }
  }

  template <class Unsigned>
  position load_size(std::uint64_t& size, std::uint64_t more, position at) const noexcept {
    if (room(at) < sizeof(Unsigned)) return nullptr;
    size = load<Unsigned>(at) + more;
    return at + sizeof(Unsigned);
  }

  position text(std::uint64_t size, position at) {
    if (size > room(at)) return broken();
    return told(handler_.value(wire_value::of_text({reinterpret_cast<const char*>(at), size})), at + size);
  }

  /// An item takes at least a byte, so that a header cannot claim more of them than could follow.
  position open(std::uint64_t size, bool is_map, position at) {
    const std::uint64_t items = is_map ? 2 * size : size;
    if (items > room(at)) return broken();
    if (depth_ == most_depth) return told(false, at);
    open_[depth_++] = {items, is_map};
    return told(is_map ? handler_.begin_map() : handler_.begin_array(), at);
  }

  position key(unsigned char head, position at) {
    std::uint64_t size = head & 0x1fU;
    if ((head & 0xe0U) != 0xa0) {
      if (head < 0xd9 || head > 0xdb) return odd_key(head, at);
      at = read_size(head, size, at);
      if (at == nullptr) return broken();
    }
    if (size > room(at)) return broken();
    return told(handler_.key({reinterpret_cast<const char*>(at), size}), at + size);
  }

  position odd_key(unsigned char head, position at) {
    at = pass_over(head, at);
    return at == nullptr ? broken() : told(handler_.odd_key(), at);
  }

  /// Passes over one item with all that it holds; needs no memory for the nesting. nullptr when it is not
  /// whole.
  position pass_over(unsigned char head, position at) const noexcept {
    std::uint64_t items = 1;
    for (;;) {
      std::uint64_t bytes = 0;
      if (head <= 0x7f || head >= 0xe0 || head == 0xc0 || head == 0xc2 || head == 0xc3) {
        bytes = 0;
      } else if (head <= 0x9f) {
        items += (head & 0x0fU) * (head <= 0x8f ? 2U : 1U);
      } else if (head <= 0xbf) {
        bytes = head & 0x1fU;
      } else if (head == 0xca || head == 0xcb) {
        bytes = head == 0xca ? 4 : 8;
      } else if (head >= 0xcc && head <= 0xd3) {
        bytes = std::uint64_t{1} << (head & 3U);
      } else {
        at = read_size(head, bytes, at);
        if (at == nullptr) return nullptr;
        if (head >= 0xdc && head <= 0xdf) {
          items += bytes * (head >= 0xde ? 2U : 1U);
          bytes = 0;
        }
      }
      if (bytes > room(at)) return nullptr;
      at += bytes;
      if (--items == 0) return at;
      if (items > room(at)) return nullptr;
      head = *at++;
    }
  }

  const position begin_;
  const position end_;
  Handler& handler_;
  parse_end failure_ = parse_end::broken;
  std::size_t depth_ = 0;
  std::array<container, most_depth> open_;
};

/// Parses one MessagePack object.
template <class Handler>
parse_end parse_msgpack(std::string_view bytes, Handler& handler) {
  return msgpack_parser<Handler>(bytes, handler).run();
}

}  // namespace tickcast::protocol
