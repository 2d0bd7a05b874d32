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
      : at_(reinterpret_cast<const unsigned char*>(bytes.data())),
        end_(at_ + bytes.size()),
        handler_(handler) {}

  parse_end run() {
    for (;;) {
      if (!item()) return failure_;
      while (depth_ != 0 && open_[depth_ - 1].left == 0) {
        --depth_;
        if (!(open_[depth_].is_map ? handler_.end_map() : handler_.end_array())) return parse_end::stopped;
      }
      if (depth_ == 0) return at_ == end_ ? parse_end::whole : parse_end::broken;
    }
  }

private:
  struct container {
    std::uint64_t left;  ///< items still to come; a map has two an entry
    bool is_map;
  };

  std::uint64_t room() const noexcept { return static_cast<std::uint64_t>(end_ - at_); }
  bool broken() noexcept {
    failure_ = parse_end::broken;
    return false;
  }
  /// What the handler answered.
  bool told(bool go_on) noexcept {
    failure_ = parse_end::stopped;
    return go_on;
  }

  template <class Unsigned>
  bool load(Unsigned& to) noexcept {
    if (room() < sizeof to) return broken();
    std::array<unsigned char, sizeof to> bytes;
    std::memcpy(bytes.data(), at_, sizeof to);
    at_ += sizeof to;
    to = 0;
    for (const unsigned char byte : bytes) to = static_cast<Unsigned>((std::uint64_t{to} << 8) | byte);
    return true;
  }

  bool item() {
    if (at_ == end_) return broken();
    const unsigned char head = *at_++;
    if (depth_ != 0) {
      container& top = open_[depth_ - 1];
      const bool is_key = top.is_map && top.left % 2 == 0;
      --top.left;
      if (is_key) return key(head);
    }
    if (head <= 0x7f) return told(handler_.value(wire_value::of_natural(head)));
    if (head <= 0x8f) return open(head & 0x0fU, true);
    if (head <= 0x9f) return open(head & 0x0fU, false);
    if (head <= 0xbf) return text(head & 0x1fU);
    if (head >= 0xe0) return told(handler_.value(wire_value::of_negative(static_cast<std::int8_t>(head))));
    return long_item(head);
  }

  bool long_item(unsigned char head) {
    switch (head) {
      case 0xc0:
        return told(handler_.value(wire_value::null()));
      case 0xc2:
      case 0xc3:
        return told(handler_.value(wire_value::of_boolean(head == 0xc3)));
      case 0xca: {
        std::uint32_t bits = 0;
        return load(bits) && told(handler_.value(wire_value::of_single(std::bit_cast<float>(bits))));
      }
      case 0xcb: {
        std::uint64_t bits = 0;
        return load(bits) && told(handler_.value(wire_value::of_real(std::bit_cast<double>(bits))));
      }
      case 0xcc:
        return natural<std::uint8_t>();
      case 0xcd:
        return natural<std::uint16_t>();
      case 0xce:
        return natural<std::uint32_t>();
      case 0xcf:
        return natural<std::uint64_t>();
      case 0xd0:
        return whole<std::uint8_t, std::int8_t>();
      case 0xd1:
        return whole<std::uint16_t, std::int16_t>();
      case 0xd2:
        return whole<std::uint32_t, std::int32_t>();
      case 0xd3:
        return whole<std::uint64_t, std::int64_t>();
      default:
        return sized_item(head);
    }
  }

  bool sized_item(unsigned char head) {
    std::uint64_t size = 0;
    if (!read_size(head, size)) return broken();
    switch (head) {
      case 0xd9:
      case 0xda:
      case 0xdb:
        return text(size);
      case 0xdc:
      case 0xdd:
        return open(size, false);
      case 0xde:
      case 0xdf:
        return open(size, true);
      default:
        if (size > room()) return broken();
        at_ += size;
        return told(handler_.value(wire_value::of_kind(wire_value::kind::opaque)));
    }
  }

  /// The length behind `head`: bytes (an extension's type included), elements or entries. False when `head`
  /// has none or it is cut off.
  bool read_size(unsigned char head, std::uint64_t& size) noexcept {
    switch (head) {
      case 0xc4:  // bin
      case 0xd9:  // str
        return load_as<std::uint8_t>(size);
      case 0xc5:
      case 0xda:
      case 0xdc:  // array
      case 0xde:  // map
        return load_as<std::uint16_t>(size);
      case 0xc6:
      case 0xdb:
      case 0xdd:
      case 0xdf:
        return load_as<std::uint32_t>(size);
      case 0xc7:  // ext
        return load_as<std::uint8_t>(size) && ++size != 0;
      case 0xc8:
        return load_as<std::uint16_t>(size) && ++size != 0;
      case 0xc9:
        return load_as<std::uint32_t>(size) && ++size != 0;
      case 0xd4:  // fixext
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        size = (std::uint64_t{1} << (head - 0xd4)) + 1;
        return true;
      default:
        return false;
    }
  }

  template <class Unsigned>
  bool load_as(std::uint64_t& to) noexcept {
    Unsigned loaded = 0;
    if (!load(loaded)) return false;
    to = loaded;
    return true;
  }
  template <class Unsigned>
  bool natural() {
    Unsigned loaded = 0;
    return load(loaded) && told(handler_.value(wire_value::of_natural(loaded)));
  }
  template <class Unsigned, class Signed>
  bool whole() {
    Unsigned loaded = 0;
    if (!load(loaded)) return false;
    const auto number = static_cast<Signed>(loaded);
    return told(
        handler_.value(number < 0 ? wire_value::of_negative(number) : wire_value::of_natural(loaded)));
  }

  bool text(std::uint64_t size) {
    if (size > room()) return broken();
    const std::string_view found(reinterpret_cast<const char*>(at_), size);
    at_ += size;
    return told(handler_.value(wire_value::of_text(found)));
  }

  /// An item takes at least a byte, so that a header cannot claim more of them than could follow.
  bool open(std::uint64_t size, bool is_map) {
    const std::uint64_t items = is_map ? 2 * size : size;
    if (items > room()) return broken();
    if (depth_ == most_depth) return told(false);
    open_[depth_++] = {items, is_map};
    return told(is_map ? handler_.begin_map() : handler_.begin_array());
  }

  bool key(unsigned char head) {
    std::uint64_t size = head & 0x1fU;
    if ((head & 0xe0U) != 0xa0) {
      if (head < 0xd9 || head > 0xdb) return pass_over(head) ? told(handler_.odd_key()) : broken();
      if (!read_size(head, size)) return broken();
    }
    if (size > room()) return broken();
    const std::string_view found(reinterpret_cast<const char*>(at_), size);
    at_ += size;
    return told(handler_.key(found));
  }

  /// Passes over one item with all that it holds; needs no memory for the nesting. False when it is not
  /// whole.
  bool pass_over(unsigned char head) noexcept {
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
      } else if (!read_size(head, bytes)) {
        return false;
      } else if (head >= 0xdc && head <= 0xdf) {
        items += bytes * (head >= 0xde ? 2U : 1U);
        bytes = 0;
      }
      if (bytes > room()) return false;
      at_ += bytes;
      if (--items == 0) return true;
      if (items > room()) return false;
      head = *at_++;
    }
  }

  const unsigned char* at_;
  const unsigned char* end_;
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
