#include "net/udf/symbol_info.hpp"

#include <algorithm>

#include "net/api/column_writer.hpp"
#include "net/api/past.hpp"

namespace tickcast::net::udf {
namespace {

/// 10^digits must be exact in a JavaScript number, and a price scale has to be readable.
constexpr int most_digits = 12;
constexpr std::size_t looked_at = 50;

template <class Writer>
void write_multipliers(Writer& to, const std::vector<resolution>& has, resolution::unit of) {
  to.begin_array();
  for (const auto& each : has)
    if (each.of == of) to.plain(each.multiplier);
  to.end_array();
}

bool has_unit(const std::vector<resolution>& has, resolution::unit of) {
  return std::any_of(has.begin(), has.end(), [of](const resolution& each) { return each.of == of; });
}

std::int64_t power_of_ten(int digits) {
  return protocol::decimal::power_of_ten(std::clamp(digits, 0, most_digits));
}

/// The smallest step of a price, counted in the last place that is shown.
std::int64_t steps_of(const api::instrument_entry& of, const symbol_shape& shape) {
  if (!of.tick || of.tick->scale() > shape.price_digits) return 1;
  return std::max<std::int64_t>(1, of.tick->mantissa() * power_of_ten(shape.price_digits - of.tick->scale()));
}

template <class Writer>
void write_bars(Writer& to, const symbol_shape& shape) {
  using unit = resolution::unit;
  const auto& has = shape.has;
  to.key("has_seconds");
  to.boolean(has_unit(has, unit::seconds));
  to.key("seconds_multipliers");
  write_multipliers(to, has, unit::seconds);
  to.key("has_intraday");
  to.boolean(has_unit(has, unit::seconds) || has_unit(has, unit::minutes));
  to.key("intraday_multipliers");
  write_multipliers(to, has, unit::minutes);
  to.key("has_ticks");
  to.boolean(false);
  to.key("has_daily");
  to.boolean(has_unit(has, unit::days));
  to.key("daily_multipliers");
  write_multipliers(to, has, unit::days);
  to.key("has_weekly_and_monthly");
  to.boolean(has_unit(has, unit::weeks) || has_unit(has, unit::months));
  to.key("weekly_multipliers");
  write_multipliers(to, has, unit::weeks);
  to.key("monthly_multipliers");
  write_multipliers(to, has, unit::months);
  to.key("has_empty_bars");
  to.boolean(false);
  to.key("supported_resolutions");
  to.begin_array();
  for (const auto& each : has) to.plain(each.name);
  to.end_array();
}

template <class Writer>
void write_reference(Writer& to, const api::instrument_entry& of) {
  to.key("name");
  to.text(of.symbol);
  to.key("ticker");
  to.text(of.symbol);
  to.key("description");
  to.text(of.description.empty() ? of.symbol : of.description);
  to.key("type");
  to.text(of.type);
  for (int both = 0; both < 2; ++both) {
    if (both == 0)
      to.key("exchange");
    else
      to.key("listed_exchange");
    to.text(of.exchange);
  }
  to.key("timezone");
  to.text(of.time_zone);
  to.key("session");
  to.text(of.session);
  if (!of.holidays.empty()) {
    to.key("session_holidays");
    to.text(of.holidays);
  }
  if (!of.corrections.empty()) {
    to.key("corrections");
    to.text(of.corrections);
  }
}

}  // namespace

symbol_shape shape_of(const api::api_sources& from, const api::instrument_entry& of,
                      const actors::topic_sight& now) {
  symbol_shape shape;
  const auto stored = from.past.intervals(of.symbol);
  for (const auto& each : resolutions) {
    const auto formed = std::any_of(from.engine.bars.intervals.begin(), from.engine.bars.intervals.end(),
                                    [&](const auto& interval) { return interval.name == each.interval; });
    if (formed || std::find(stored.begin(), stored.end(), each.interval) != stored.end())
      shape.has.push_back(each);
  }
  int price = -1;
  if (const auto trades = api::joined_trades(from.past, of.symbol, now).read({.limit = looked_at}))
    for (const auto& each : *trades) {
      price = std::max(price, each.price.scale());
      shape.volume_digits = std::max(shape.volume_digits, each.size.scale());
    }
  if (price < 0 && !stored.empty())
    if (const auto bars = from.past.bars(stored.front(), of.symbol, {.limit = looked_at}))
      for (const auto& each : *bars) {
        price = std::max({price, each.open.scale(), each.high.scale(), each.low.scale(), each.close.scale()});
        shape.volume_digits = std::max(shape.volume_digits, each.volume.scale());
      }
  if (price >= 0) shape.price_digits = price;
  if (of.tick) shape.price_digits = of.tick->scale();
  if (of.price_digits) shape.price_digits = *of.price_digits;
  if (of.size_digits) shape.volume_digits = *of.size_digits;
  shape.volume_digits = std::min(shape.volume_digits, most_digits);
  return shape;
}

http_content_ptr symbol_info(const api::instrument_entry& of, const symbol_shape& shape) {
  return api::write_json(false, 1024, [&](auto& to) {
    to.begin_map();
    write_reference(to, of);
    to.key("format");
    to.plain("price");
    to.key("minmov");
    to.whole(steps_of(of, shape));
    to.key("pricescale");
    to.whole(power_of_ten(shape.price_digits));
    to.key("minmove2");
    to.whole(0);
    to.key("pointvalue");
    to.whole(1);
    to.key("fractional");
    to.boolean(false);
    to.key("visible_plots_set");
    to.plain("ohlcv");
    to.key("volume_precision");
    to.whole(shape.volume_digits);
    to.key("data_status");
    to.plain("streaming");
    write_bars(to, shape);
    to.end_map();
  });
}

}  // namespace tickcast::net::udf
