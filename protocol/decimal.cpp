#include "protocol/decimal.hpp"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <charconv>
#include <cstring>
#include <limits>

#include "protocol/utf8.hpp"

namespace tickcast::protocol {
namespace {

__extension__ using wide = __int128;

constexpr int most_digits = 19;
constexpr auto most_magnitude = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
/// Beyond this an exponent only says "too big" or "too small"; keeping it bounded keeps the sums in range.
constexpr int exponent_bound = 100'000;

constexpr std::array<std::uint64_t, most_digits + 1> make_powers() {
  std::array<std::uint64_t, most_digits + 1> powers{};
  std::uint64_t power = 1;
  for (std::uint64_t& p : powers) {
    p = power;
    power *= 10;
  }
  return powers;
}
constexpr std::array<std::uint64_t, most_digits + 1> powers_of_ten = make_powers();

std::uint64_t power_of_ten(int exponent) noexcept {
  return powers_of_ten[static_cast<std::size_t>(exponent)];
}

std::uint64_t magnitude(std::int64_t value) noexcept {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Digits as they are read. Zeros wait in `zeros` until a digit follows them, so that those at the end never
/// count: "5.800000000000" is 58 and two trailing places.
struct digit_run {
  std::uint64_t value = 0;
  int zeros = 0;
  bool too_many = false;

  void take(char c) noexcept {
    if (c == '0') {
      zeros += value != 0;
      return;
    }
    const int shift = zeros + 1;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    zeros = 0;
    if (shift > most_digits || __builtin_mul_overflow(value, power_of_ten(shift), &value) ||
        __builtin_add_overflow(value, digit, &value)) {
      too_many = true;
    }
  }
};

/// `e`, an optional sign and digits; nullopt when that is not what `at` points to.
std::optional<int> read_exponent(const char*& at, const char* end) noexcept {
  ++at;
  bool negative = false;
  if (at != end && (*at == '-' || *at == '+')) negative = *at++ == '-';
  if (at == end || !is_digit(*at)) return std::nullopt;
  int exponent = 0;
  for (; at != end && is_digit(*at); ++at) {
    if (exponent < exponent_bound) exponent = exponent * 10 + (*at - '0');
  }
  return negative ? -exponent : exponent;
}

template <class Float>
expected<decimal> shortest(Float value) {
  std::array<char, 64> text;
  const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), value);
  assert(failure == std::errc());
  return decimal::parse(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

}  // namespace

std::optional<errc> decimal::read(std::string_view text, decimal& to) noexcept {
  // What nearly every number is: digits, perhaps a point, and all of it fits.
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  std::uint64_t value = 0;
  const char* const first = at;
  for (; at != end && is_digit(*at); ++at) value = value * 10 + static_cast<std::uint64_t>(*at - '0');
  auto digits = at - first;
  std::ptrdiff_t places = 0;
  if (digits > 0 && at != end && *at == '.') {
    const char* const behind_point = ++at;
    for (; at != end && is_digit(*at); ++at) value = value * 10 + static_cast<std::uint64_t>(*at - '0');
    places = at - behind_point;
    if (places == 0) return errc::bad_field;
    digits += places;
  }
  if (at != end || digits == 0 || digits > max_scale) return read_carefully(text, to);
  for (; places > 0 && value % 10 == 0; --places) value /= 10;
  to.mantissa_ = negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  to.scale_ = static_cast<std::int32_t>(places);
  return std::nullopt;
}

std::optional<errc> decimal::read_carefully(std::string_view text, decimal& to) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  if (at == end || !is_digit(*at)) return errc::bad_field;
  digit_run digits;
  for (; at != end && is_digit(*at); ++at) digits.take(*at);
  std::int64_t places = 0;
  if (at != end && *at == '.') {
    const char* const first = ++at;
    for (; at != end && is_digit(*at); ++at) digits.take(*at);
    if (at == first) return errc::bad_field;
    places = at - first;
  }
  std::int64_t exponent = 0;
  if (at != end && (*at == 'e' || *at == 'E')) {
    const std::optional<int> written = read_exponent(at, end);
    if (!written) return errc::bad_field;
    exponent = *written;
  }
  if (at != end) return errc::bad_field;
  if (digits.too_many) return errc::number_overflow;
  if (digits.value == 0) {
    to = decimal();
    return std::nullopt;
  }
  exponent += digits.zeros - places;
  std::uint64_t mantissa = digits.value;
  if (exponent > 0 &&
      (exponent > max_scale ||
       __builtin_mul_overflow(mantissa, power_of_ten(static_cast<int>(exponent)), &mantissa))) {
    return errc::number_overflow;
  }
  if (exponent < -max_scale || mantissa > most_magnitude + (negative ? 1U : 0U)) return errc::number_overflow;
  to.mantissa_ = static_cast<std::int64_t>(negative ? 0 - mantissa : mantissa);
  to.scale_ = exponent < 0 ? static_cast<std::int32_t>(-exponent) : 0;
  return std::nullopt;
}

expected<decimal> decimal::parse(std::string_view text) {
  decimal result;
  const std::optional<errc> refused = read(text, result);
  if (!refused) return result;
  if (*refused == errc::number_overflow) {
    return unexpected(
        error{*refused, fmt::format("number {} has more than 18 digits or decimal places", in_quotes(text))});
  }
  return unexpected(
      error{*refused, fmt::format("{} is not a number such as 61234.5, -0.25 or 1e-8", in_quotes(text))});
}

expected<decimal> decimal::from_double(double value) {
  return shortest(value);
}

expected<decimal> decimal::from_float(float value) {
  return shortest(value);
}

decimal decimal::from_integer(std::int64_t value) noexcept {
  decimal result;
  result.mantissa_ = value;
  return result;
}

decimal decimal::from_parts(std::int64_t mantissa, int scale) noexcept {
  assert(scale >= 0 && scale <= max_scale);
  while (scale > 0 && mantissa % 10 == 0) {
    mantissa /= 10;
    --scale;
    if (mantissa == 0) scale = 0;
  }
  decimal result;
  result.mantissa_ = mantissa;
  result.scale_ = scale;
  return result;
}

char* decimal::write(char* to) const noexcept {
  if (mantissa_ < 0) *to++ = '-';
  if (scale_ == 0) return std::to_chars(to, to + max_chars, magnitude(mantissa_)).ptr;
  std::array<char, 20> digits;
  const char* const end =
      std::to_chars(digits.data(), digits.data() + digits.size(), magnitude(mantissa_)).ptr;
  const auto count = static_cast<std::size_t>(end - digits.data());
  const auto places = static_cast<std::size_t>(scale_);
  if (count > places) {
    const std::size_t whole = count - places;
    std::memcpy(to, digits.data(), whole);
    to[whole] = '.';
    std::memcpy(to + whole + 1, digits.data() + whole, places);
    return to + count + 1;
  }
  *to++ = '0';
  *to++ = '.';
  std::memset(to, '0', places - count);
  std::memcpy(to + places - count, digits.data(), count);
  return to + places;
}

std::string decimal::to_string() const {
  std::array<char, max_chars> text;
  return std::string(text.data(), write(text.data()));
}

double decimal::to_double() const noexcept {
  // Both sides of the division are exact doubles here, so IEEE rounds it once, to the nearest.
  constexpr std::uint64_t exact_in_double = std::uint64_t{1} << 53;
  if (magnitude(mantissa_) <= exact_in_double) {
    return static_cast<double>(mantissa_) / static_cast<double>(power_of_ten(scale_));
  }
  std::array<char, max_chars> text;
  double result = 0;
  std::from_chars(text.data(), write(text.data()), result);
  return result;
}

std::optional<double> decimal::exact_double() const noexcept {
  constexpr std::uint64_t always_exact = 1'000'000'000'000'000;
  const double nearest = to_double();
  if (magnitude(mantissa_) < always_exact) return nearest;
  std::array<char, 64> text;
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), nearest).ptr;
  decimal back;
  const auto refused = read(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())), back);
  if (refused || back != *this) return std::nullopt;
  return nearest;
}

std::strong_ordering operator<=>(const decimal& a, const decimal& b) noexcept {
  if (a.scale_ == b.scale_) return a.mantissa_ <=> b.mantissa_;
  wide left = a.mantissa_;
  wide right = b.mantissa_;
  if (a.scale_ < b.scale_) {
    left *= static_cast<wide>(power_of_ten(b.scale_ - a.scale_));
  } else {
    right *= static_cast<wide>(power_of_ten(a.scale_ - b.scale_));
  }
  return left < right   ? std::strong_ordering::less
         : left > right ? std::strong_ordering::greater
                        : std::strong_ordering::equal;
}

}  // namespace tickcast::protocol
