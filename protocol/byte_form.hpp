#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "protocol/decimal.hpp"

namespace tickcast::protocol {

/// Appends values to bytes that only we read again: whole numbers in base 128, least part first, with the
/// sign in the lowest bit where there is one. What was written is read in the same order by byte_reader.
class byte_writer {
public:
  explicit byte_writer(std::string& to) noexcept : to_(to) {}

  void natural(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) to_.push_back(static_cast<char>(value | 0x80));
    to_.push_back(static_cast<char>(value));
  }
  void whole(std::int64_t value) {
    natural((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void boolean(bool value) { to_.push_back(value ? 1 : 0); }
  void number(decimal value) {
    whole(value.mantissa());
    natural(static_cast<std::uint64_t>(value.scale()));
  }
  void sum(const decimal_sum& value) {
    const auto parts = value.to_parts();
    whole(parts.high);
    natural(parts.low);
    natural(static_cast<std::uint64_t>(parts.scale));
  }
  void text(std::string_view value) {
    natural(value.size());
    to_.append(value);
  }

private:
  std::string& to_;
};

/// Reads what byte_writer wrote. After a read that found no such value ok() is false and every value is zero
/// or empty, so that it is enough to ask at the end. Texts point into the bytes.
class byte_reader {
public:
  explicit byte_reader(std::string_view from) noexcept : left_(from) {}

  bool ok() const noexcept { return ok_; }
  std::string_view left() const noexcept { return left_; }
  /// What was read makes no sense.
  void fail() noexcept {
    ok_ = false;
    left_ = {};
  }

  std::uint64_t natural() noexcept {
    std::uint64_t result = 0;
    for (int shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto next = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      result |= static_cast<std::uint64_t>(next & 0x7f) << shift;
      if (next < 0x80) return result;
    }
    fail();
    return 0;
  }
  std::int64_t whole() noexcept {
    const auto value = natural();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  /// At most `most`.
  std::uint64_t natural_to(std::uint64_t most) noexcept {
    const auto value = natural();
    if (value <= most) return value;
    fail();
    return 0;
  }
  bool boolean() noexcept { return natural_to(1) != 0; }
  decimal number() noexcept {
    const auto mantissa = whole();
    const auto scale = natural_to(decimal::max_scale);
    return decimal::from_parts(mantissa, static_cast<int>(scale));
  }
  decimal_sum sum() noexcept {
    constexpr int most_places = 2 * decimal::max_scale;
    decimal_sum::parts parts;
    parts.high = whole();
    parts.low = natural();
    parts.scale = static_cast<int>(natural_to(most_places));
    return decimal_sum::from_parts(parts);
  }
  std::string_view text() noexcept {
    const auto size = natural();
    if (size > left_.size()) {
      fail();
      return {};
    }
    const auto result = left_.substr(0, size);
    left_.remove_prefix(size);
    return result;
  }

private:
  std::string_view left_;
  bool ok_ = true;
};

}  // namespace tickcast::protocol
