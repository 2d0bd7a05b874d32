#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "protocol/appender.hpp"
#include "protocol/decimal.hpp"

namespace tickcast::store {

/// Numbers as bytes: seven bits a byte, lowest first, the top bit says that more follow (LEB128,
/// https://en.wikipedia.org/wiki/LEB128); signed ones folded so that small negatives stay short.
constexpr std::uint64_t fold(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unfold(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
}
/// a - b as it comes back by adding: wraps where it does not fit.
constexpr std::int64_t difference(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
constexpr std::int64_t sum(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

inline constexpr std::size_t max_number_bytes = 10;

/// Writes at most max_number_bytes; returns the end.
inline char* put_number(char* to, std::uint64_t value) noexcept {
  while (value >= 0x80) {
    *to++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

inline void put_number(protocol::appender& to, std::uint64_t value) {
  to.advance(put_number(to.room(max_number_bytes), value));
}
inline void put_text(protocol::appender& to, std::string_view text) {
  put_number(to, text.size());
  to.append(text);
}

inline void put_decimal(protocol::appender& to, protocol::decimal value) {
  to.append(static_cast<char>(value.scale()));
  put_number(to, fold(value.mantissa()));
}

/// Reads what was written so. Past the end or malformed: zeros, and ok() is false from then on.
class byte_reader {
public:
  explicit byte_reader(std::string_view bytes) noexcept
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::uint64_t number() noexcept {
    if (at_ != end_ && static_cast<unsigned char>(*at_) < 0x80) return static_cast<unsigned char>(*at_++);
    return long_number();
  }
  std::int64_t signed_number() noexcept { return unfold(number()); }
  std::uint8_t byte() noexcept {
    if (at_ == end_) return fail();
    return static_cast<std::uint8_t>(*at_++);
  }
  std::string_view bytes(std::uint64_t count) noexcept {
    if (count > left()) {
      fail();
      return {};
    }
    const std::string_view taken(at_, count);
    at_ += count;
    return taken;
  }
  std::string_view text() noexcept { return bytes(number()); }

  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  bool ok() const noexcept { return ok_; }

private:
  std::uint64_t long_number() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) return fail();
      const auto next = static_cast<unsigned char>(*at_++);
      value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
      if (next < 0x80) return value;
    }
    return fail();
  }
  std::uint8_t fail() noexcept {
    ok_ = false;
    at_ = end_;
    return 0;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

inline protocol::decimal take_decimal(byte_reader& from) noexcept {
  const int scale = from.byte();
  return protocol::decimal::from_lowest(from.signed_number(),
                                        scale <= protocol::decimal::max_scale ? scale : 0);
}

}  // namespace tickcast::store
