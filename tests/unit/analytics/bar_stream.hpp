#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "analytics/bar_builder.hpp"
#include "analytics/trade_tape.hpp"

namespace tickcast::tests {

/// A builder fed as its owner does it: plan, look, commit; keeps the last word on each bar.
class bar_stream {
public:
  using effect = analytics::bar_builder::effect;

  explicit bar_stream(const char* interval, std::int32_t lateness_ms = 0, std::size_t kept_trades = 1000,
                      analytics::calendar hours = {})
      : hours_(std::move(hours)),
        builder(protocol::parse_interval(interval).value(), lateness_ms),
        tape(kept_trades),
        sessions_(hours_) {}

  static protocol::decimal d(const char* text) { return protocol::decimal::parse(text).value(); }

  analytics::bar_builder::step give(std::int64_t time_ns, const char* price, const char* size = "1") {
    return give({time_ns, d(price), d(size), protocol::side::none, {}});
  }
  analytics::bar_builder::step give(const protocol::trade& trade) {
    const auto step =
        builder.plan(trade.time_ns, trade.price, trade.size, tape.end(), newest_ns_, sessions_).value();
    if (step.closes) put(builder.as_closed());
    std::optional<protocol::bar> after;
    if (step.does != effect::left_out)
      after = builder.after(trade.time_ns, trade.price, trade.size, tape.end(), step);
    builder.commit(trade.time_ns, trade.price, trade.size, tape.end(), step);
    if (after) put(*after);
    auto numbered = trade;
    numbered.id = {protocol::trade_id::kind::number, tape.end(), nullptr};
    tape.make_room(numbered);
    tape.push(numbered, step.does == effect::left_out ? 1 : 0);
    newest_ns_ = std::max(newest_ns_, trade.time_ns);
    return step;
  }
  void close_by(std::int64_t clock_ns) {
    if (builder.closes_at() > clock_ns) return;
    put(builder.as_closed());
    builder.close();
  }
  /// What became of the bar; applied where it can be.
  tl::expected<protocol::bar, analytics::bar_builder::refusal> amend(std::uint64_t number, bool cancels,
                                                                     const char* price = "0",
                                                                     const char* size = "0") {
    const protocol::trade_amendment what{{protocol::trade_id::kind::number, number, nullptr},
                                         tape.at(number).time_ns,
                                         cancels,
                                         d(price),
                                         d(size)};
    const auto planned =
        builder.plan_amendment(tape, number, what, 1, sessions_, [this](std::int64_t time_ns) {
          const auto found = bars.find(time_ns);
          return found == bars.end() ? nullptr : &found->second;
        });
    if (cancels)
      tape.cancel(number);
    else
      tape.correct(number, what.price, what.size);
    if (!planned) return tl::unexpected(planned.error());
    builder.commit(*planned);
    put(planned->bar.bar());
    return planned->bar.bar();
  }

private:
  void put(const protocol::bar& bar) { bars[bar.time_ns] = bar; }
  analytics::calendar hours_;

public:
  analytics::bar_builder builder;
  analytics::trade_tape tape;
  std::map<std::int64_t, protocol::bar> bars;

private:
  analytics::session_cursor sessions_;
  std::int64_t newest_ns_ = std::numeric_limits<std::int64_t>::min() / 2;
};

}  // namespace tickcast::tests
