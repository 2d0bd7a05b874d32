#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/market.hpp"
#include "tickcast/plugin.hpp"

/// Tests of plugins without a server: link the plugin's source with tickcast::plugin_kit.
namespace tickcast::plugins {

/// What a plugin published under the kit.
struct published_message {
  std::int64_t time_ns = 0;  ///< the virtual clock's
  std::string topic;         ///< of market data: "trade.X", "quote.X", "bar.1m.X"
  json value;                ///< of market data: its fields
};

struct logged_line {
  log_level level;
  std::string text;
};

/// Stored history, ascending in time.
struct kept_bars {
  std::string symbol;
  std::string interval;
  std::vector<protocol::bar> bars;
};
struct kept_trades {
  std::string symbol;
  std::vector<protocol::trade> trades;
};

struct test_kit_options {
  std::string name = "under_test";
  std::uint64_t publishes_per_s = 10'000;
  bool is_feed = false;  ///< as if a [[feed]] of kind "plugin" named it
  /// Bars that are formed from the trades.
  std::vector<std::string> intervals{"1s", "1m"};
  std::int32_t lateness_ms = 0;  ///< trades so much older than the newest still revise their bar
  std::int64_t begin_ns = 1'700'000'000'000'000'000;  ///< the clock's, until the first tick moves it
  /// What is stored from before; as much of it as lies before the clock is seen.
  std::vector<plugins::kept_bars> kept_bars = {};
  std::vector<plugins::kept_trades> kept_trades = {};
};

/// Runs a plugin on a virtual clock: the same input gives the same output, as fast as it can be computed.
/// What a handler throws leaves the call that led to it. One thread.
///
///     test_kit kit({{"symbol", "X"}});
///     kit.trade("X", "100.5", "2");
///     EXPECT_EQ(kit.published("signal.x").size(), 1U);
class test_kit {
public:
  /// Makes and starts the plugin of this program's TICKCAST_PLUGIN. Throws std::runtime_error with the faults
  /// when its check() does not accept the parameters.
  explicit test_kit(parameters given = {}, test_kit_options options = {});
  test_kit(const plugin_entry& entry, parameters given, test_kit_options options = {});
  ~test_kit();
  test_kit(const test_kit&) = delete;
  test_kit& operator=(const test_kit&) = delete;

  // ---- what comes in; each moves the clock to its time, if that is later

  void trade(std::string_view symbol, const protocol::trade& value);
  /// One at the clock's time.
  void trade(std::string_view symbol, std::string_view price, std::string_view size = "1",
             protocol::side aggressor = protocol::side::buy);
  void quote(std::string_view symbol, const protocol::quote& value);
  void quote(std::string_view symbol, std::string_view bid, std::string_view bid_size, std::string_view ask,
             std::string_view ask_size);
  /// A bar that a feed brings, of an interval that is not formed here; does not move the clock.
  void bar(std::string_view symbol, std::string_view interval, const protocol::bar& value);
  void event(std::string_view topic, const json& value);
  /// Recordings, merged by time, in the form the replay feed reads (docs/feeds.md); how many rows were
  /// played. Throws std::runtime_error for a file that cannot be read.
  std::uint64_t play(const std::vector<std::string>& files, std::uint64_t most_rows = UINT64_MAX);
  /// Moves the clock; timers that become due are called in order.
  void advance(std::chrono::nanoseconds by);
  /// As if the plugin's inbox had dropped so many.
  void lose(std::uint64_t updates);
  /// Another plugin asks this one.
  answer ask(const json& question, std::string_view from = "tester");
  /// Stands for another plugin that this one asks; without one every question stays unanswered.
  void on_ask(std::string_view plugin, std::function<answer(const json& question)> respond);
  /// save(), a new one, load(), on_start().
  void reload();
  void stop();

  // ---- what came out

  const std::vector<published_message>& published() const;
  std::vector<published_message> published(std::string_view topic) const;
  std::uint64_t counter(std::string_view name) const;
  double gauge(std::string_view name) const;
  const std::vector<logged_line>& log() const;
  std::vector<std::string> subscriptions() const;
  /// Publishes that were refused, for whatever reason.
  std::uint64_t refused() const;
  std::int64_t now_ns() const;
  /// The engine as the plugin sees it.
  context& engine();

private:
  class inside;
  std::unique_ptr<inside> inside_;
};

}  // namespace tickcast::plugins
