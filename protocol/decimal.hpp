#pragma once
#include <array>
#include <cassert>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/error.hpp"

namespace tickcast::protocol {

/// An exact decimal number: `mantissa / 10^scale`. Prices, sizes and volumes are nothing else.
///
/// Kept in lowest form (no trailing zero behind the point, zero has scale 0), so that equal numbers have
/// equal parts: "0.10" and "0.1" are one value and leave as `0.1`. Holds every number of up to 18 digits.
class decimal {
public:
  static constexpr int max_scale = 18;
  /// Longest text `write` makes: sign, 19 digits, point and leading zero.
  static constexpr std::size_t max_chars = 24;

  constexpr decimal() noexcept = default;

  /// Takes `[-]digits[.digits][e[+-]digits]`, as JSON writes numbers; also a leading '+' or '.5' is refused.
  /// Errors: bad_field (not a number), number_overflow (digits do not fit).
  /// Leading zeros are fine; so are any number of trailing ones.
  static expected<decimal> parse(std::string_view text);
  /// As parse, for hot paths: no sentence, only the code. `to` is changed only when the text was read.
  static std::optional<errc> read(std::string_view text, decimal& to) noexcept;
  /// The shortest decimal that reads back as `value` (ten times 0.1 stays 1). NaN and infinities: bad_field.
  static expected<decimal> from_double(double value);
  /// The same for numbers that were single precision where they came from: 0.1f is 0.1.
  static expected<decimal> from_float(float value);
  static decimal from_integer(std::int64_t value) noexcept;
  /// `mantissa / 10^scale`, brought to lowest form. Needs 0 <= scale <= max_scale.
  static decimal from_parts(std::int64_t mantissa, int scale) noexcept;

  /// The same for what is in lowest form already: mantissa() and scale() of some decimal.
  static decimal from_lowest(std::int64_t mantissa, int scale) noexcept {
    decimal result;
    result.mantissa_ = mantissa;
    result.scale_ = scale;
    return result;
  }

  std::int64_t mantissa() const noexcept { return mantissa_; }
  int scale() const noexcept { return scale_; }
  /// 10^n, 0 <= n <= max_scale.
  static constexpr std::int64_t power_of_ten(int n) noexcept {
    return powers_of_ten[static_cast<std::size_t>(n)];
  }

  bool is_zero() const noexcept { return mantissa_ == 0; }
  bool is_negative() const noexcept { return mantissa_ < 0; }

  /// Writes the number as JSON takes it (no exponent) into at least max_chars bytes; returns the end.
  char* write(char* to) const noexcept;
  std::string to_string() const;

  /// The double that means this number to everybody who prints the shortest form, if there is one
  /// (always up to 15 digits); what MessagePack sends as float64.
  std::optional<double> exact_double() const noexcept;
  /// The nearest double; where computing begins.
  double to_double() const noexcept;

  friend bool operator==(const decimal&, const decimal&) noexcept = default;
  friend std::strong_ordering operator<=>(const decimal& a, const decimal& b) noexcept;

private:
  static std::optional<errc> read_carefully(std::string_view text, decimal& to) noexcept;

  static constexpr std::array<std::int64_t, max_scale + 1> powers_of_ten = [] {
    std::array<std::int64_t, max_scale + 1> result{1};
    for (std::size_t i = 1; i < result.size(); ++i) result[i] = result[i - 1] * 10;
    return result;
  }();

  std::int64_t mantissa_ = 0;
  std::int32_t scale_ = 0;
};

/// A running sum of decimals (or of price × size) in 128 bits: exact, whatever the order.
class decimal_sum {
  __extension__ using wide = __int128;

public:
  /// False, and nothing changed, when the sum would not fit.
  [[nodiscard]] bool add(decimal value) noexcept {
    // What happens nearly always: no more places than the sum has, and far from the end of 128 bits.
    if (mantissa_ == 0) scale_ = value.scale();
    const int places = scale_ - value.scale();
    constexpr wide far_from_full = wide{1} << 125;
    if (places >= 0 && places <= decimal::max_scale && mantissa_ < far_from_full &&
        mantissa_ > -far_from_full) {
      mantissa_ += static_cast<wide>(value.mantissa()) * decimal::power_of_ten(places);
      return true;
    }
    return add_carefully(value);
  }
  [[nodiscard]] bool subtract(decimal value) noexcept;
  [[nodiscard]] bool add_product(decimal a, decimal b) noexcept {
    const wide product = static_cast<wide>(a.mantissa()) * b.mantissa();
    if (mantissa_ == 0) scale_ = a.scale() + b.scale();
    const int places = scale_ - a.scale() - b.scale();
    constexpr wide small = wide{1} << 62;  // times 10^18 it stays below 2^122
    constexpr wide far_from_full = wide{1} << 125;
    if (places >= 0 && places <= decimal::max_scale && product < small && product > -small &&
        mantissa_ < far_from_full && mantissa_ > -far_from_full) {
      mantissa_ += product * decimal::power_of_ten(places);
      return true;
    }
    return add_product_carefully(a, b);
  }
  [[nodiscard]] bool subtract_product(decimal a, decimal b) noexcept;
  /// Whether the sum with `value` could still be told as a decimal.
  bool has_room_for(decimal value) const noexcept {
    auto with_it = *this;
    return with_it.add(value) && with_it.fits();
  }
  /// Adds what has_room_for() said yes to.
  void add_what_has_room(decimal value) noexcept {
    [[maybe_unused]] const bool added = add(value);
    assert(added);
  }
  /// Whether value() would succeed; cheap where the sum is of ordinary size.
  bool fits() const noexcept {
    return (scale_ <= decimal::max_scale && mantissa_ >= std::numeric_limits<std::int64_t>::min() &&
            mantissa_ <= std::numeric_limits<std::int64_t>::max()) ||
           value().has_value();
  }
  /// The sum as a decimal; digits beyond 18 places are cut. Error: number_overflow.
  expected<decimal> value() const noexcept;
  /// The sum as a decimal; where a decimal cannot hold all its digits, the last ones are rounded, half to
  /// even. Nothing when even the whole part does not fit.
  std::optional<decimal> rounded() const noexcept;
  /// Whether rounded() would give something.
  bool fits_rounded() const noexcept {
    if (scale_ > decimal::max_scale) return rounded().has_value();
    constexpr wide largest = std::numeric_limits<std::int64_t>::max();
    const wide end = largest * decimal::power_of_ten(scale_);
    return mantissa_ <= end && mantissa_ >= -end;
  }
  bool is_zero() const noexcept { return mantissa_ == 0; }

  /// The sum as numbers, to be kept and to go on from.
  struct parts {
    std::int64_t high = 0;
    std::uint64_t low = 0;
    int scale = 0;
  };
  parts to_parts() const noexcept;
  /// The sum that to_parts() was asked of. Needs a scale of 0 to 36.
  static decimal_sum from_parts(const parts& kept) noexcept;

private:
  bool add_carefully(decimal value) noexcept;
  bool add_product_carefully(decimal a, decimal b) noexcept;

  wide mantissa_ = 0;
  int scale_ = 0;
};

}  // namespace tickcast::protocol
