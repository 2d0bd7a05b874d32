#include "net/api/known_indicators.hpp"

#include <fmt/format.h>

#include <utility>

#include "analytics/indicators/batch.hpp"

namespace tickcast::net::api {
namespace {

using namespace analytics::indicators;

constexpr std::int64_t day_ns = 86'400'000'000'000;

std::int64_t day_of(std::int64_t time_ns) {
  return time_ns / day_ns - (time_ns % day_ns < 0 ? 1 : 0);
}

std::vector<bar_input> inputs_of(std::span<const protocol::bar> bars) {
  std::vector<bar_input> result;
  result.reserve(bars.size());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const auto& each = bars[i];
    result.push_back({each.open.to_double(), each.high.to_double(), each.low.to_double(),
                      each.close.to_double(), each.volume.to_double(),
                      i == 0 || day_of(each.time_ns) != day_of(bars[i - 1].time_ns)});
  }
  return result;
}

}  // namespace

protocol::expected<std::vector<indicator_column>> known_indicators::compute(
    std::string_view calls, std::span<const protocol::bar> bars) const {
  const auto parts = split_calls(calls);
  if (parts.empty() || parts.size() > most_calls)
    return protocol::unexpected(
        protocol::error{protocol::errc::bad_field,
                        fmt::format("name 1 to {} indicators, e.g. sma(30),macd(12,26,9)", most_calls)});
  std::vector<call> parsed;
  for (const auto part : parts) {
    auto one = parse_call(part);
    if (!one) return protocol::unexpected(std::move(one.error()));
    parsed.push_back(std::move(*one));
  }
  const auto inputs = inputs_of(bars);
  std::vector<indicator_column> result;
  for (const auto& each : parsed) {
    auto names = each.outputs();
    auto columns = analytics::indicators::compute(each, inputs);
    for (std::size_t i = 0; i < columns.size(); ++i)
      result.push_back({std::move(names[i]), std::move(columns[i])});
  }
  return result;
}

}  // namespace tickcast::net::api
