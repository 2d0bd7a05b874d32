#include <cmath>
#include <string>
#include <vector>

#include "tickcast/plugin.hpp"

namespace {

using namespace tickcast;
using plugins::parameter_check;

/// Signals when two moving averages of closed bars cross, unless the market is overbought or oversold in that
/// direction already (RSI).
///
/// Parameters: symbol, interval (1m), fast (sma(5)), slow (sma(20)), strength (rsi(14)), overbought (70),
/// oversold (30), topic (signal.cross.<symbol>). Publishes {"time","symbol","side","close","fast","slow",
/// "rsi","taken"} with side "buy" or "sell" at each crossing; `taken` is false where the RSI speaks against
/// it.
class average_cross final : public plugins::plugin {
public:
  static std::vector<std::string> check(const plugins::parameters& given) {
    return parameter_check(given)
        .symbol("symbol")
        .interval("interval", parameter_check::optional)
        .indicator("fast", parameter_check::optional)
        .indicator("slow", parameter_check::optional)
        .indicator("strength", parameter_check::optional)
        .number("overbought", 50, 100, parameter_check::optional)
        .number("oversold", 0, 50, parameter_check::optional)
        .topic("topic", parameter_check::optional)
        .faults();
  }

  void on_start() override {
    const auto& given = engine().given();
    symbol_ = given.text("symbol");
    overbought_ = given.number("overbought", 70);
    oversold_ = given.number("oversold", 30);
    topic_ = given.text("topic", "signal.cross." + symbol_);
    const auto interval = given.text("interval", "1m");
    // Each subscribes to the bars, too: on_bar comes when the indicators have taken the bar.
    fast_ = engine().indicator(symbol_, interval, given.text("fast", "sma(5)"));
    slow_ = engine().indicator(symbol_, interval, given.text("slow", "sma(20)"));
    strength_ = engine().indicator(symbol_, interval, given.text("strength", "rsi(14)"));
  }

  /// The stored bars are in the indicators: crossings of before are nobody's signal any more.
  void on_history(const plugins::source&) override {
    warm_ = !std::isnan(slow_.closed()) && !std::isnan(fast_.closed());
    above_ = fast_.closed() > slow_.closed();
  }

  void on_bar(const plugins::source&, const protocol::bar& bar) override {
    // A revision of an older bar comes here as well, and the averages are then as it makes them.
    if (!bar.closed || std::isnan(slow_.closed()) || std::isnan(fast_.closed())) return;
    const bool above = fast_.closed() > slow_.closed();
    const bool crosses = warm_ && above != above_;
    warm_ = true;
    above_ = above;
    if (!crosses) return;
    const double rsi = strength_.closed();
    const bool taken = above ? !(rsi >= overbought_) : !(rsi <= oversold_);
    engine().count(taken ? "signals" : "signals_against");
    engine().publish(topic_, {{"time", bar.time_ns},
                              {"symbol", symbol_},
                              {"side", above ? "buy" : "sell"},
                              {"close", bar.close.to_double()},
                              {"fast", fast_.closed()},
                              {"slow", slow_.closed()},
                              {"rsi", rsi},
                              {"taken", taken}});
  }

private:
  std::string symbol_, topic_;
  double overbought_ = 0, oversold_ = 0;
  plugins::indicator fast_, slow_, strength_;
  bool above_ = false, warm_ = false;
};

}  // namespace

TICKCAST_PLUGIN(average_cross, "average_cross", "1.0");
