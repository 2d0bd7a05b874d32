#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "net/api/column_writer.hpp"
#include "net/api/parameter_reader.hpp"
#include "net/api/past.hpp"
#include "net/udf/answers.hpp"
#include "net/udf/resolution.hpp"
#include "net/udf/routes.hpp"
#include "net/udf/trading_day.hpp"

namespace tickcast::net::udf {
namespace {

using protocol::bar;

constexpr std::int64_t ns_a_s = 1'000'000'000;
/// Between a daily bar's own time and 00:00 UTC of its trading day lie less than so many seconds.
constexpr std::int64_t day_margin_s = 2 * 86'400;
/// And so many bars may lie in that time.
constexpr std::size_t bars_in_margin = 3;
constexpr std::int64_t farthest_s = std::numeric_limits<std::int64_t>::max() / ns_a_s - day_margin_s;

struct history_question {
  std::string asked;
  resolution of;
  std::int64_t from_s;
  std::int64_t to_s;      ///< excluded
  std::size_t countback;  ///< so many bars before `to`, whatever `from` says; 0: those from `from` on
};

/// A bar and the second it is stamped with.
struct stamped_bar {
  std::int64_t t;
  bar value;
};

/// Reads a resolution's bars by their stamps.
class stamped_bars {
public:
  stamped_bars(const api::joined_bars& bars, const api::instrument_entry& of, bool daily)
      : bars_(bars), of_(of), daily_(daily) {}

  /// The newest `limit` with from <= t < to, in ascending order of distinct t.
  protocol::expected<std::vector<stamped_bar>> newest(std::int64_t from_s, std::int64_t to_s,
                                                      std::size_t limit) const {
    const auto margin = daily_ ? day_margin_s : 0;
    store::range which;
    if (from_s > -farthest_s) which.from_ns = (from_s - margin) * ns_a_s;
    which.to_ns = (to_s + margin) * ns_a_s;
    which.limit = limit + (daily_ ? bars_in_margin : 0);
    const auto read = bars_.read(which);
    if (!read) return protocol::unexpected(read.error());
    std::vector<stamped_bar> result;
    for (const auto& each : *read) {
      const auto t = stamp(each);
      if (t < from_s || t >= to_s) continue;
      if (!result.empty() && result.back().t == t) result.pop_back();
      result.push_back({t, each});
    }
    if (result.size() > limit)
      result.erase(result.begin(), result.end() - static_cast<std::ptrdiff_t>(limit));
    return result;
  }

private:
  std::int64_t stamp(const bar& of) const {
    if (daily_) return trading_day_s(of_, of.time_ns);
    return of.time_ns / ns_a_s - (of.time_ns % ns_a_s < 0 ? 1 : 0);
  }

  const api::joined_bars& bars_;
  const api::instrument_entry& of_;
  bool daily_;
};

http_content_ptr no_data(const std::optional<std::int64_t>& next_time_s) {
  return api::write_json(false, 64, [&](auto& to) {
    to.begin_map();
    to.key("s");
    to.plain("no_data");
    if (next_time_s) {
      to.key("nextTime");
      to.whole(*next_time_s);
    }
    to.end_map();
  });
}

http_content_ptr ok(const std::vector<stamped_bar>& bars, bool compress) {
  const std::span<const stamped_bar> rows(bars);
  return api::write_json(compress, 64 + bars.size() * 60, [&](auto& to) {
    to.begin_map();
    to.key("s");
    to.plain("ok");
    to.key("t");
    api::write_column(to, rows, [&](const stamped_bar& each) { to.whole(each.t); });
    to.key("o");
    api::write_column(to, rows, [&](const stamped_bar& each) { to.number(each.value.open); });
    to.key("h");
    api::write_column(to, rows, [&](const stamped_bar& each) { to.number(each.value.high); });
    to.key("l");
    api::write_column(to, rows, [&](const stamped_bar& each) { to.number(each.value.low); });
    to.key("c");
    api::write_column(to, rows, [&](const stamped_bar& each) { to.number(each.value.close); });
    to.key("v");
    api::write_column(to, rows, [&](const stamped_bar& each) { to.number(each.value.volume); });
    to.end_map();
  });
}

http_content_ptr answer(const api::api_sources& from, const history_question& asked,
                        const api::past_sight& seen, bool compress) {
  const auto of = find_instrument(from.instruments, asked.asked);
  if (!of) return unknown_symbol();
  const api::joined_bars joined(from.past, std::string(asked.of.interval), of->symbol, seen.now, seen.end_ns);
  const stamped_bars bars(joined, *of, asked.of.is_daily());
  const bool counted = asked.countback > 0;
  const auto begin = counted ? -farthest_s : asked.from_s;
  const auto found = bars.newest(begin, asked.to_s, counted ? asked.countback : api::most_rows);
  if (!found) return make_error(found.error().message);
  if (!found->empty()) return ok(*found, compress);
  // Where a chart may go on: the nearest bar before; without one it is told to stop.
  const auto earlier = bars.newest(-farthest_s, begin, 1);
  if (!earlier) return make_error(earlier.error().message);
  return no_data(earlier->empty() ? std::nullopt : std::optional(earlier->back().t));
}

std::optional<std::int64_t> whole_seconds(const http_query& query, std::string_view name) {
  const auto text = query.parameter(name);
  std::int64_t value = 0;
  if (!text || text->empty()) return std::nullopt;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), value);
  // Some charts send fractions; the second they lie in is meant.
  if (fault != std::errc{} || (end != text->data() + text->size() && *end != '.')) return std::nullopt;
  return std::clamp(value, -farthest_s, farthest_s);
}

/// Null: `to` is what is asked.
http_content_ptr read_question(const http_query& query, history_question& to) {
  api::parameter_reader read(query);
  to.asked = read.symbol("symbol");
  if (read.refusal()) return unknown_symbol();
  const auto name = read.text("resolution");
  const auto of = find_resolution(name);
  if (!of)
    return make_error(
        fmt::format("resolution \"{}\" is not served; /udf/config lists those that are", name.substr(0, 20)));
  to.of = *of;
  const auto end = whole_seconds(query, "to");
  if (!end) return make_error("to is missing: give it in whole seconds since 1970 UTC");
  to.to_s = *end;
  to.countback = 0;
  if (const auto count = whole_seconds(query, "countback"); count && *count > 0)
    to.countback = static_cast<std::size_t>(std::min<std::int64_t>(*count, api::most_rows));
  const auto begin = whole_seconds(query, "from");
  if (!begin && to.countback == 0)
    return make_error("from is missing: give it in whole seconds since 1970 UTC, or give countback");
  to.from_s = begin.value_or(-farthest_s);
  return nullptr;
}

}  // namespace

api::api_route history_route(api::sources_ptr from) {
  return {
      "/udf/history",
      "udf_history",
      {"symbol", "resolution", "from", "to", "countback"},
      [from](const http_query& query, http_exchange& exchange) {
        history_question asked{};
        if (auto refusal = read_question(query, asked)) return exchange.answer(std::move(refusal));
        api::parameter_reader read(query);
        const bool compress = read.form().gzip;
        const auto name = own_name(from->engine, asked.asked);
        // What lies behind a colon may be a symbol that only history knows: whatever it can mean must be
        // permitted alike.
        for (const auto& meant : {asked.asked, asked.asked.substr(asked.asked.find(':') + 1)})
          if (exchange.granted(access::action::history, fmt::format("bar.{}.{}", asked.of.interval, meant)) !=
              exchange.granted(access::action::history, fmt::format("bar.{}.{}", asked.of.interval, name)))
            return exchange.answer(
                make_refusal(403, fmt::format("history of {} is not permitted to you", asked.asked)));
        auto key = fmt::format("udf history {} {} {} {} {} {}", asked.asked, asked.of.interval, asked.from_s,
                               asked.to_s, asked.countback, compress);
        api::read_past(from, exchange,
                       {std::move(key), fmt::format("bar.{}.{}", asked.of.interval, name), name},
                       [from, asked, compress](const api::past_sight& seen) {
                         return answer(*from, asked, seen, compress);
                       });
      }};
}

}  // namespace tickcast::net::udf
