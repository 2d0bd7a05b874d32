#include <algorithm>
#include <array>
#include <limits>

#include "protocol/decimal.hpp"

namespace tickcast::protocol {
namespace {

__extension__ using wide = __int128;

/// Two factors of 18 places each.
constexpr int most_places = 2 * decimal::max_scale;
/// The largest value of 127 bits; std::numeric_limits does not know 128-bit integers in strict C++20.
constexpr wide most = (wide{1} << 126) - 1 + (wide{1} << 126);

struct power {
  wide value = 1;
  wide largest_factor = most;  ///< what may be multiplied with `value` and still fit
};

constexpr std::array<power, most_places + 1> make_powers() {
  std::array<power, most_places + 1> powers{};
  for (std::size_t i = 1; i < powers.size(); ++i) {
    powers[i].value = powers[i - 1].value * 10;
    powers[i].largest_factor = most / powers[i].value;
  }
  return powers;
}
constexpr std::array<power, most_places + 1> powers = make_powers();

/// `mantissa / 10^scale` in 128 bits.
struct wide_decimal {
  wide mantissa;
  int scale;

  void strip_zeros() noexcept {
    while (scale > 0 && mantissa % 10 == 0) {
      mantissa /= 10;
      --scale;
    }
  }
  bool raise_scale(int to) noexcept {
    const power& p = powers[static_cast<std::size_t>(to - scale)];
    if (mantissa > p.largest_factor || mantissa < -p.largest_factor) return false;
    mantissa *= p.value;
    scale = to;
    return true;
  }
};

// clang has no overflow builtin for 128 bits without its own runtime library, hence the comparisons.
bool add_aligned(wide_decimal& sum, wide_decimal value) noexcept {
  const bool aligned = sum.scale < value.scale   ? sum.raise_scale(value.scale)
                       : value.scale < sum.scale ? value.raise_scale(sum.scale)
                                                 : true;
  if (!aligned) return false;
  if (value.mantissa > 0 ? sum.mantissa > most - value.mantissa : sum.mantissa < -most - value.mantissa)
    return false;
  sum.mantissa += value.mantissa;
  return true;
}

/// Zeros at the end are only looked for when room is short: they cost a 128-bit division each.
bool add_to(wide& mantissa, int& scale, wide_decimal value) noexcept {
  wide_decimal sum{mantissa, scale};
  if (!add_aligned(sum, value)) {
    sum = {mantissa, scale};
    sum.strip_zeros();
    value.strip_zeros();
    if (!add_aligned(sum, value)) return false;
  }
  mantissa = sum.mantissa;
  scale = sum.scale;
  return true;
}

bool fits_decimal(wide mantissa) noexcept {
  constexpr wide largest = std::numeric_limits<std::int64_t>::max();
  return mantissa <= largest && mantissa >= -largest - 1;
}

}  // namespace

bool decimal_sum::add_carefully(decimal value) noexcept {
  return add_to(mantissa_, scale_, {value.mantissa(), value.scale()});
}

bool decimal_sum::subtract(decimal value) noexcept {
  return add_to(mantissa_, scale_, {-static_cast<wide>(value.mantissa()), value.scale()});
}

bool decimal_sum::add_product_carefully(decimal a, decimal b) noexcept {
  return add_to(mantissa_, scale_,
                {static_cast<wide>(a.mantissa()) * static_cast<wide>(b.mantissa()), a.scale() + b.scale()});
}

bool decimal_sum::subtract_product(decimal a, decimal b) noexcept {
  return add_to(mantissa_, scale_,
                {-static_cast<wide>(a.mantissa()) * static_cast<wide>(b.mantissa()), a.scale() + b.scale()});
}

expected<decimal> decimal_sum::value() const noexcept {
  wide_decimal sum{mantissa_, scale_};
  if (sum.scale > decimal::max_scale) {
    sum.mantissa /= powers[static_cast<std::size_t>(sum.scale - decimal::max_scale)].value;
    sum.scale = decimal::max_scale;
  }
  if (!fits_decimal(sum.mantissa)) sum.strip_zeros();
  if (!fits_decimal(sum.mantissa)) {
    return unexpected(error{errc::number_overflow, "the sum has more digits than a decimal holds"});
  }
  return decimal::from_parts(static_cast<std::int64_t>(sum.mantissa), sum.scale);
}

std::optional<decimal> decimal_sum::rounded() const noexcept {
  wide_decimal sum{mantissa_, scale_};
  if (sum.scale <= decimal::max_scale && fits_decimal(sum.mantissa))
    return decimal::from_parts(static_cast<std::int64_t>(sum.mantissa), sum.scale);
  sum.strip_zeros();
  // One division from the exact sum: to round in steps would round twice.
  for (int scale = std::min(sum.scale, decimal::max_scale); scale >= 0; --scale) {
    const wide divisor = powers[static_cast<std::size_t>(sum.scale - scale)].value;
    wide digits = sum.mantissa / divisor;
    const wide rest = sum.mantissa - digits * divisor;
    const wide size = rest < 0 ? -rest : rest;
    if (size > divisor - size || (size == divisor - size && digits % 2 != 0)) digits += rest < 0 ? -1 : 1;
    if (fits_decimal(digits)) return decimal::from_parts(static_cast<std::int64_t>(digits), scale);
  }
  return std::nullopt;
}

decimal_sum::parts decimal_sum::to_parts() const noexcept {
  return {static_cast<std::int64_t>(mantissa_ >> 64), static_cast<std::uint64_t>(mantissa_), scale_};
}

decimal_sum decimal_sum::from_parts(const parts& kept) noexcept {
  decimal_sum result;
  result.mantissa_ = wide{kept.high} * (wide{1} << 64) + wide{kept.low};
  result.scale_ = kept.scale;
  return result;
}

}  // namespace tickcast::protocol
