#include "protocol/market.hpp"

#include <limits>

namespace tickcast::protocol {
namespace {

__extension__ using wide = __int128;

/// Above the greatest number of twelve digits.
constexpr wide digits_end = 1'000'000'000'000;

wide power_of_ten(int n) noexcept {
  wide result = 1;
  for (; n > 0; --n) result *= 10;
  return result;
}

/// a / b for b > 0, half to even.
wide divide_rounded(wide a, wide b) noexcept {
  wide quotient = a / b;
  const wide twice = (a - quotient * b) * 2;
  if (twice > b || (twice == b && quotient % 2 != 0)) ++quotient;
  return quotient;
}

/// How many places a / b must be moved up to lie in [10^11, 10^12).
int shift_to_digits(wide a, wide b) noexcept {
  int shift = 0;
  wide scaled = b;
  for (; a >= scaled * digits_end; scaled *= 10) --shift;
  if (shift < 0) return shift;
  for (wide raised = a; raised < b * (digits_end / 10); raised *= 10) ++shift;
  return shift;
}

}  // namespace

// Both mantissas are below 10^19 and the moved ones below 10^31: far inside of 128 bits.
std::optional<decimal> vwap(const bar& of) noexcept {
  if (of.value.is_zero() || of.volume.mantissa() <= 0) return std::nullopt;
  const bool negative = of.value.is_negative();
  const wide a = negative ? -wide{of.value.mantissa()} : wide{of.value.mantissa()};
  const wide b = of.volume.mantissa();
  const int offset = of.value.scale() - of.volume.scale();
  int shift = shift_to_digits(a, b);
  if (shift + offset > decimal::max_scale) shift = decimal::max_scale - offset;
  wide digits =
      shift < 0 ? divide_rounded(a, b * power_of_ten(-shift)) : divide_rounded(a * power_of_ten(shift), b);
  int scale = shift + offset;
  for (; scale < 0; ++scale) digits *= 10;
  if (digits > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  const auto mantissa = static_cast<std::int64_t>(digits);
  return decimal::from_parts(negative ? -mantissa : mantissa, scale);
}

}  // namespace tickcast::protocol
