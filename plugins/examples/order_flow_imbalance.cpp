#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tickcast/plugin.hpp"

namespace {

using namespace tickcast;
using plugins::parameter_check;

/// Order-flow imbalance at the best quotes: what was added to the bid and taken from the ask, less what was
/// taken from the bid and added to the ask, summed over a window (Cont, Kukanov, Stoikov: The price impact of
/// order book events, Journal of Financial Econometrics 12, 2014, equation 3):
///
///     e = [b ≥ b'] q − [b ≤ b'] q'  −  [a ≤ a'] r + [a ≥ a'] r'
///
/// with bid b and its size q, ask a and its size r, primes: the quote before.
///
/// Parameters: symbol, window_ms (10000), every_ms (1000), topic (signal.ofi.<symbol>). Publishes every
/// `every_ms` in which a quote came {"time","symbol","ofi","quotes","window_ms"}.
class order_flow_imbalance final : public plugins::plugin {
public:
  static std::vector<std::string> check(const plugins::parameters& given) {
    return parameter_check(given)
        .symbol("symbol")
        .whole("window_ms", 10, 86'400'000, parameter_check::optional)
        .whole("every_ms", 10, 3'600'000, parameter_check::optional)
        .topic("topic", parameter_check::optional)
        .faults();
  }

  void on_start() override {
    const auto& given = engine().given();
    symbol_ = given.text("symbol");
    window_ms_ = given.whole("window_ms", 10'000);
    topic_ = given.text("topic", "signal.ofi." + symbol_);
    engine().subscribe("quote." + symbol_);
    engine().every(std::chrono::milliseconds(given.whole("every_ms", 1000)));
  }

  void on_history(const plugins::source& from) override {
    // Between the quote we had and this one others may have been: no difference can be taken over the hole.
    before_ = engine().quote(from.symbol);
  }

  void on_quote(const plugins::source&, const protocol::quote& quote) override {
    const auto before = std::exchange(before_, quote);
    if (!before) return;
    const double flow = contribution(*before, quote);
    flows_.push_back({quote.time_ns, flow});
    sum_ += flow;
    fresh_ = true;
  }

  void on_timer(plugins::timer_id) override {
    if (!std::exchange(fresh_, false)) return;
    // The window ends with the newest quote: by the venue's clock, whatever ours says.
    const auto from_ns = before_->time_ns - window_ms_ * 1'000'000;
    while (!flows_.empty() && flows_.front().time_ns <= from_ns) {
      sum_ -= flows_.front().flow;
      flows_.pop_front();
    }
    if (flows_.empty()) sum_ = 0;
    engine().gauge("ofi", sum_);
    engine().publish(topic_, {{"time", before_->time_ns},
                              {"symbol", symbol_},
                              {"ofi", sum_},
                              {"quotes", flows_.size()},
                              {"window_ms", window_ms_}});
  }

private:
  struct entry {
    std::int64_t time_ns;
    double flow;
  };

  static double contribution(const protocol::quote& before, const protocol::quote& now) {
    double flow = 0;
    if (now.bid >= before.bid) flow += now.bid_size.to_double();
    if (now.bid <= before.bid) flow -= before.bid_size.to_double();
    if (now.ask <= before.ask) flow -= now.ask_size.to_double();
    if (now.ask >= before.ask) flow += before.ask_size.to_double();
    return flow;
  }

  std::string symbol_, topic_;
  std::int64_t window_ms_ = 0;
  std::optional<protocol::quote> before_;
  std::deque<entry> flows_;
  double sum_ = 0;
  bool fresh_ = false;
};

}  // namespace

TICKCAST_PLUGIN(order_flow_imbalance, "order_flow_imbalance", "1.0");
