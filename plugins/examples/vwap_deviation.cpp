#include <cmath>
#include <deque>
#include <string>
#include <vector>

#include "tickcast/plugin.hpp"

namespace {

using namespace tickcast;
using plugins::parameter_check;

/// Compares each trade's price with the volume-weighted average price of a sliding window
/// (VWAP = Σ price·size / Σ size) and signals when it leaves the band of `threshold_bp` basis points, and
/// when it is back.
///
/// Parameters: symbol, window_s (300), threshold_bp (20), topic (signal.vwap.<symbol>). Publishes {"time",
/// "symbol","price","vwap","deviation_bp","side"} with side "above", "below" or "inside" when it changes.
class vwap_deviation final : public plugins::plugin {
public:
  static std::vector<std::string> check(const plugins::parameters& given) {
    return parameter_check(given)
        .symbol("symbol")
        .number("window_s", 1, 86'400, parameter_check::optional)
        .number("threshold_bp", 0, 10'000, parameter_check::optional)
        .topic("topic", parameter_check::optional)
        .faults();
  }

  void on_start() override {
    const auto& given = engine().given();
    symbol_ = given.text("symbol");
    window_ns_ = static_cast<std::int64_t>(given.number("window_s", 300) * 1e9);
    threshold_bp_ = given.number("threshold_bp", 20);
    topic_ = given.text("topic", "signal.vwap." + symbol_);
    engine().subscribe("trade." + symbol_);
  }

  void on_history(const plugins::source& from) override {
    // Warm at once, as far as the engine's history goes; it also fills what was lost.
    for (const auto& trade : engine().trades(from.symbol))
      if (trades_.empty() || trade.time_ns > trades_.back().time_ns) enter(trade);
  }

  void on_trade(const plugins::source&, const protocol::trade& trade) override {
    enter(trade);
    if (volume_ <= 0) return;
    const double vwap = value_ / volume_;
    const double price = trade.price.to_double();
    const double deviation_bp = (price / vwap - 1) * 1e4;
    engine().gauge("deviation_bp", deviation_bp);
    const char* side = deviation_bp > threshold_bp_    ? "above"
                       : deviation_bp < -threshold_bp_ ? "below"
                                                       : "inside";
    if (side_ == side) return;
    side_ = side;
    engine().publish(topic_, {{"time", trade.time_ns},
                              {"symbol", symbol_},
                              {"price", price},
                              {"vwap", vwap},
                              {"deviation_bp", deviation_bp},
                              {"side", side_}});
  }

private:
  struct entry {
    std::int64_t time_ns;
    double price, size;
  };

  void enter(const protocol::trade& trade) {
    trades_.push_back({trade.time_ns, trade.price.to_double(), trade.size.to_double()});
    add(trades_.back(), 1);
    while (trades_.front().time_ns <= trade.time_ns - window_ns_) {
      add(trades_.front(), -1);
      trades_.pop_front();
    }
    if (++entered_ % sum_anew_every != 0) return;
    value_ = volume_ = 0;
    for (const auto& each : trades_) add(each, 1);
  }

  void add(const entry& what, double sign) {
    value_ += sign * what.price * what.size;
    volume_ += sign * what.size;
  }

  /// Subtracting leaves rounding behind; this often the sums are made anew.
  static constexpr std::uint64_t sum_anew_every = 4096;

  std::string symbol_, topic_, side_ = "inside";
  std::int64_t window_ns_ = 0;
  double threshold_bp_ = 0, value_ = 0, volume_ = 0;
  std::uint64_t entered_ = 0;
  std::deque<entry> trades_;
};

}  // namespace

TICKCAST_PLUGIN(vwap_deviation, "vwap_deviation", "1.0");
