#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "tickcast/plugin.hpp"

namespace {

using namespace tickcast;
using plugins::parameter_check;

/// Watches the difference between the last prices of two symbols and raises an alert when it leaves a band,
/// and another one when it comes back.
///
/// Parameters: first, second (symbols), limit (price units), topic (default signal.spread). Publishes
/// {"first","second","spread","limit","wide"} when `wide` changes.
class spread_alert final : public plugins::plugin {
public:
  static std::vector<std::string> check(const plugins::parameters& given) {
    return parameter_check(given)
        .symbol("first")
        .symbol("second")
        .number("limit", 0, 1e12)
        .topic("topic", parameter_check::optional)
        .faults();
  }

  void on_start() override {
    const auto& given = engine().given();
    first_ = given.text("first");
    second_ = given.text("second");
    limit_ = given.number("limit");
    topic_ = given.text("topic", "signal.spread");
    engine().subscribe("trade." + first_);
    engine().subscribe("trade." + second_);
  }

  void on_history(const plugins::source& from) override {
    // What was traded before we came counts too, but is no news.
    if (const auto last = engine().trades(from.symbol, 1); !last.empty()) price_of(from) = last.back().price;
  }

  void on_trade(const plugins::source& from, const protocol::trade& trade) override {
    price_of(from) = trade.price;
    look();
  }

  std::string save() override { return wide_ ? "wide" : ""; }
  void load(std::string_view state, std::string_view) override { wide_ = state == "wide"; }

private:
  std::optional<protocol::decimal>& price_of(const plugins::source& from) {
    return from.symbol == first_ ? first_price_ : second_price_;
  }

  void look() {
    if (!first_price_ || !second_price_) return;
    const double spread = first_price_->to_double() - second_price_->to_double();
    engine().gauge("spread", spread);
    const bool wide = std::abs(spread) > limit_;
    if (wide == wide_) return;
    wide_ = wide;
    engine().count("alerts");
    engine().publish(topic_, {{"time", engine().now_ns()},
                              {"first", first_},
                              {"second", second_},
                              {"spread", spread},
                              {"limit", limit_},
                              {"wide", wide}});
  }

  std::string first_, second_, topic_;
  double limit_ = 0;
  std::optional<protocol::decimal> first_price_, second_price_;
  bool wide_ = false;
};

}  // namespace

TICKCAST_PLUGIN(spread_alert, "spread_alert", "1.0");
