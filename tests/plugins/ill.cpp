#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>

#include "tickcast/plugin.hpp"

namespace {

using namespace tickcast;

/// Misbehaves as its parameter `does` says, on trades of `symbol`:
///
///   throw     at every 10th
///   sleep     `sleep_ms` at every one
///   flood     publishes `rate` messages a second on monitor.flood, by a timer
///   segfault  at every `nth`
///   echo      publishes the trade as one of Y
///   ask       asks the plugin `whom`, publishes what it says on signal.<name>
///   count     nothing bad: publishes how many it has seen on signal.<name>, keeps the count over reloads
class ill final : public plugins::plugin {
public:
  void on_start() override {
    const auto& given = engine().given();
    does_ = given.text("does", "count");
    nth_ = given.whole("nth", 10);
    sleep_ = std::chrono::milliseconds(given.whole("sleep_ms", 5000));
    rate_ = given.whole("rate", 100'000);
    engine().subscribe("trade." + given.text("symbol", "X"));
    if (does_ == "flood") engine().every(std::chrono::milliseconds(10));
  }

  void on_trade(const plugins::source& from, const protocol::trade& trade) override {
    ++seen_;
    engine().count("trades");
    engine().gauge("seen", static_cast<double>(seen_));
    if (does_ == "throw" && seen_ % 10 == 0) throw std::runtime_error("the tenth trade, as asked");
    if (does_ == "sleep") std::this_thread::sleep_for(sleep_);
    if (does_ == "echo") {
      engine().publish_trade("Y", trade);
      return;
    }
    if (does_ == "ask") {
      engine().ask(engine().given().text("whom"), {{"seq", from.seq}}, [this](const plugins::answer& told) {
        engine().publish("signal." + std::string(engine().name()),
                         {{"value", told.value}, {"error", told.error}});
      });
      return;
    }
    if (does_ == "segfault" && seen_ % nth_ == 0) std::raise(SIGSEGV);
    engine().publish("signal." + std::string(engine().name()),
                     {{"seen", seen_}, {"seq", from.seq}, {"version", TEST_PLUGIN_VERSION}});
  }

  void on_timer(plugins::timer_id) override {
    for (std::int64_t i = 0; i < rate_ / 100; ++i) engine().publish("monitor.flood", {{"i", i}});
  }

  void on_lost(std::uint64_t updates) override { engine().count("lost", updates); }

  plugins::answer on_question(std::string_view from, const plugins::json& question) override {
    return {true, {{"to", from}, {"question", question}, {"seen", seen_}}, {}};
  }

  std::string save() override { return std::to_string(seen_); }
  void load(std::string_view state, std::string_view) override { seen_ = std::stoll(std::string(state)); }

private:
  std::string does_;
  std::int64_t nth_ = 0, rate_ = 0, seen_ = 0;
  std::chrono::milliseconds sleep_{};
};

}  // namespace

TICKCAST_PLUGIN(ill, "ill", TEST_PLUGIN_VERSION);
