#include "net/api/known_indicators.hpp"

#include <fmt/format.h>

#include <utility>

#include "analytics/anchored_bars.hpp"
#include "analytics/indicators/batch.hpp"

namespace tickcast::net::api {
namespace {

using namespace analytics::indicators;

std::vector<bar_input> inputs_of(std::span<const protocol::bar> bars, const analytics::calendar& hours) {
  analytics::anchored_bars anchored(hours);
  std::vector<bar_input> result;
  result.reserve(bars.size());
  for (const auto& each : bars) result.push_back(anchored.next(each));
  return result;
}

}  // namespace

protocol::expected<std::vector<indicator_column>> known_indicators::compute(
    std::string_view calls, std::span<const protocol::bar> bars, const analytics::calendar& hours) const {
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
  const auto inputs = inputs_of(bars, hours);
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
