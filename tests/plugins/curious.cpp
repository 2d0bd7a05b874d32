#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tickcast/plugin.hpp"

namespace {

using namespace tickcast;

/// Looks at history and indicators of `symbol`, as its parameter `does` says:
///
///   join      reads all trades at every `nth` trade, joins them to those that come, and says on
///   signal.<name>
///             how many there are and how many of them are different
///   bars      says each bar of `interval` on signal.<name>, with the indicators `calls`
///   look      says what it finds of the `interval` bars when it starts
///   beyond    asks for trades of the future at every trade, and throws when it gets one
class curious final : public plugins::plugin {
public:
  static std::vector<std::string> check(const plugins::parameters& given) {
    return plugins::parameter_check(given)
        .text("does")
        .symbol("symbol")
        .interval("interval", plugins::parameter_check::optional)
        .text("calls", plugins::parameter_check::optional)
        .whole("nth", 1, 1'000'000, plugins::parameter_check::optional)
        .faults();
  }

  void on_start() override {
    const auto& given = engine().given();
    does_ = given.text("does");
    symbol_ = given.text("symbol");
    interval_ = given.text("interval", "1m");
    topic_ = "signal." + std::string(engine().name());
    if (does_ == "bars")
      for (const auto& call : plugins::json::parse(given.text("calls", "[]")))
        indicators_.push_back(engine().indicator(symbol_, interval_, call.get<std::string>()));
    if (does_ == "look")
      engine().read_bars(symbol_, interval_, plugins::past::between(0),
                         [this](const auto& got) { say(got); });
    if (does_ == "join" || does_ == "beyond") engine().subscribe("trade." + symbol_);
  }

  void on_trade(const plugins::source& from, const protocol::trade& trade) override {
    if (does_ == "beyond") {
      engine().read_trades(symbol_, plugins::past::between(trade.time_ns + 1), [](const auto& got) {
        if (!got.rows.empty()) throw std::runtime_error("this is the future");
      });
      engine().publish(topic_, {{"time", trade.time_ns}});
      return;
    }
    late_[from.seq] = trade.id.number;
    if (++seen_ % static_cast<std::uint64_t>(engine().given().whole("nth", 50)) == 0)
      engine().read_trades(symbol_, plugins::past::between(0), [this](const auto& got) { join(got); });
  }

  void on_bar(const plugins::source& from, const protocol::bar& bar) override {
    auto values = plugins::json::array(), closed = plugins::json::array();
    for (const auto& each : indicators_) {
      values.push_back(each.values());
      closed.push_back(each.closed_values());
    }
    engine().publish(topic_, {{"time", bar.time_ns},
                              {"seq", from.seq},
                              {"close", bar.close.to_double()},
                              {"closed", bar.closed},
                              {"rev", bar.rev},
                              {"at", indicators_.empty() ? 0 : indicators_[0].time_ns()},
                              {"closed_at", indicators_.empty() ? 0 : indicators_[0].closed_time_ns()},
                              {"values", values},
                              {"closed_values", closed}});
  }

private:
  void join(const plugins::past_rows<protocol::trade>& got) {
    std::vector<std::uint64_t> ids;
    for (const auto& each : got.rows) ids.push_back(each.id.number);
    for (auto at = late_.upper_bound(got.seq); at != late_.end(); ++at) ids.push_back(at->second);
    const std::set<std::uint64_t> different(ids.begin(), ids.end());
    engine().publish(topic_, {{"error", got.error},
                              {"epoch", got.epoch},
                              {"seq", got.seq},
                              {"all", ids.size()},
                              {"different", different.size()},
                              {"last", ids.empty() ? 0 : ids.back()}});
  }

  void say(const plugins::past_rows<protocol::bar>& got) {
    engine().publish(topic_, {{"error", got.error},
                              {"rows", got.rows.size()},
                              {"first", got.rows.empty() ? 0 : got.rows.front().time_ns},
                              {"last", got.rows.empty() ? 0 : got.rows.back().time_ns},
                              {"more", got.more}});
  }

  std::string does_, symbol_, interval_, topic_;
  std::vector<plugins::indicator> indicators_;
  std::map<std::uint64_t, std::uint64_t> late_;  ///< ids by seq
  std::uint64_t seen_ = 0;
};

}  // namespace

TICKCAST_PLUGIN(curious, "curious", "1.0");
