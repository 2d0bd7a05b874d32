#include "store/columns.hpp"

#include <array>
#include <optional>

namespace tickcast::store {
namespace {

using protocol::decimal;

constexpr std::uint8_t scales_differ = 0x3f;
constexpr std::uint8_t has_negatives = 0x80;

// Units of time: 1 ns, 1 µs, 1 ms, 1 s.
constexpr std::array<std::uint64_t, 4> units{1, 1'000, 1'000'000, 1'000'000'000};

// The mantissa of `value` at a scale that is not smaller than its own.
std::optional<std::int64_t> scaled(decimal value, int scale) {
  std::int64_t mantissa = 0;
  if (__builtin_mul_overflow(value.mantissa(), decimal::power_of_ten(scale - value.scale()), &mantissa))
    return std::nullopt;
  return mantissa;
}

bool to_one_scale(std::span<const decimal> values, int scale, std::vector<std::int64_t>& mantissas) {
  mantissas.clear();
  for (const auto& value : values) {
    const auto mantissa = scaled(value, scale);
    if (!mantissa) return false;
    mantissas.push_back(*mantissa);
  }
  return true;
}

}  // namespace

void put_times(protocol::appender& to, std::span<const std::int64_t> times) {
  const auto step = [&](std::size_t i) {
    return static_cast<std::uint64_t>(difference(times[i], times[i - 1]));
  };
  std::size_t unit = units.size() - 1;
  for (std::size_t i = 1; i < times.size(); ++i)
    while (step(i) % units[unit] != 0) --unit;
  to.append(static_cast<char>(unit));
  for (std::size_t i = 1; i < times.size(); ++i) put_number(to, step(i) / units[unit]);
}

void take_times(byte_reader& from, std::int64_t first, std::span<std::int64_t> times) {
  const auto unit = units[from.byte() % units.size()];
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (i > 0) first = sum(first, static_cast<std::int64_t>(from.number() * unit));
    times[i] = first;
  }
}

void put_decimals(protocol::appender& to, std::span<const decimal> values, steps as) {
  int scale = 0;
  bool negative = false;
  for (const auto& value : values) {
    scale = std::max(scale, value.scale());
    negative |= value.is_negative();
  }
  thread_local std::vector<std::int64_t> mantissas;
  if (!to_one_scale(values, scale, mantissas)) {
    to.append(static_cast<char>(scales_differ));
    for (const auto& value : values) {
      to.append(static_cast<char>(value.scale()));
      put_number(to, fold(value.mantissa()));
    }
    return;
  }
  to.append(static_cast<char>(scale | (negative ? has_negatives : 0)));
  std::int64_t before = 0;
  for (const auto mantissa : mantissas) {
    if (as == steps::yes)
      put_number(to, fold(difference(mantissa, before)));
    else
      put_number(to, negative ? fold(mantissa) : static_cast<std::uint64_t>(mantissa));
    before = mantissa;
  }
}

void take_decimals(byte_reader& from, std::span<decimal> values, steps as) {
  const auto head = from.byte();
  if (head == scales_differ) {
    for (auto& value : values) {
      const int scale = from.byte();
      value = decimal::from_lowest(from.signed_number(), std::min(scale, decimal::max_scale));
    }
    return;
  }
  const bool negative = (head & has_negatives) != 0;
  const int scale = std::min(head & 0x3f, decimal::max_scale);
  std::int64_t mantissa = 0;
  for (auto& value : values) {
    const auto number = from.number();
    if (as == steps::yes)
      mantissa = sum(mantissa, unfold(number));
    else
      mantissa = negative ? unfold(number) : static_cast<std::int64_t>(number);
    value = decimal::from_parts(mantissa, scale);
  }
}

void put_small(protocol::appender& to, std::span<const std::uint8_t> values, unsigned bits) {
  const bool all_equal =
      std::all_of(values.begin(), values.end(), [&](std::uint8_t value) { return value == values.front(); });
  if (all_equal) return to.append(static_cast<char>(values.front()));
  to.append(static_cast<char>(0xff));
  const std::size_t in_byte = 8 / bits;
  for (std::size_t i = 0; i < values.size(); i += in_byte) {
    unsigned packed = 0;
    for (std::size_t j = i; j < std::min(i + in_byte, values.size()); ++j)
      packed |= static_cast<unsigned>(values[j]) << (bits * (j - i));
    to.append(static_cast<char>(packed));
  }
}

void take_small(byte_reader& from, std::span<std::uint8_t> values, unsigned bits) {
  const auto head = from.byte();
  const auto most = static_cast<std::uint8_t>((1U << bits) - 1);
  if (head != 0xff) {
    std::fill(values.begin(), values.end(), head & most);
    return;
  }
  const std::size_t in_byte = 8 / bits;
  for (std::size_t i = 0; i < values.size(); i += in_byte) {
    const auto packed = from.byte();
    for (std::size_t j = i; j < std::min(i + in_byte, values.size()); ++j)
      values[j] = static_cast<std::uint8_t>(packed >> (bits * (j - i))) & most;
  }
}

}  // namespace tickcast::store
