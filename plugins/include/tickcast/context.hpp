#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/market.hpp"
#include "tickcast/indicator.hpp"
#include "tickcast/parameters.hpp"
#include "tickcast/past.hpp"

/// The engine as a plugin sees it. Times are nanoseconds since 1970 UTC (names end in `_ns`), prices and
/// sizes are exact decimals.
namespace tickcast::plugins {

using nlohmann::json;
using timer_id = std::uint64_t;

/// Where an update comes from. The views live during the call only.
struct source {
  std::string_view topic;     ///< "trade.BTCUSDT"
  std::string_view symbol;    ///< "BTCUSDT"; empty for event topics
  std::string_view interval;  ///< bars: "1m"; else empty
  std::uint64_t seq = 0;      ///< position in the topic, from 1; a hole is what was lost
};

/// What became of a publish. Everything but `sent` has published nothing and is counted.
enum class published : std::uint8_t {
  sent,
  over_budget,  ///< more than budget_publishes_per_s; going on so for seconds ends the plugin
  not_allowed,  ///< the engine writes this topic; trades, quotes and bars need a [[feed]] of kind "plugin"
  bad_topic,    ///< breaks the grammar of topics
  bad_value,    ///< no JSON, or a symbol or interval that is none
  busy,         ///< the engine has as much of this plugin under way as it may
};
std::string_view to_string(published outcome) noexcept;

enum class log_level : std::uint8_t { debug, info, warning, error };

/// The answer to a question, or why there is none.
struct answer {
  bool ok = false;
  json value;         ///< when ok
  std::string error;  ///< when not: a sentence
};

/// What a plugin may do. Every call is cheap and returns at once.
/// Thread: the plugin's own, from its handlers; nothing of this may be called from threads it made itself.
class context {
public:
  virtual ~context() = default;

  /// The name in the configuration.
  virtual std::string_view name() const = 0;
  virtual const parameters& given() const = 0;
  /// The wall clock; under the test kit the time of the recording.
  virtual std::int64_t now_ns() const = 0;

  // ---- listening

  /// Asks for a topic ("trade.BTCUSDT") or all topics of a pattern (`*` any text, `?` one character:
  /// "bar.1m.*"), those to come included. First on_history is called for each topic, then every update after
  /// it comes to its handler, in order. False: the pattern is none; nothing was done.
  virtual bool subscribe(std::string_view pattern) = 0;
  /// Takes back one subscription, as it was written.
  virtual void unsubscribe(std::string_view pattern) = 0;

  // ---- history: what the engine holds of subscribed topics, the update in hand included, oldest first

  /// At most 50, those of a subscribed "trade.<symbol>".
  virtual std::vector<protocol::trade> trades(std::string_view symbol, std::size_t most = 50) const = 0;
  /// At most 500, those of a subscribed "bar.<interval>.<symbol>"; the forming one is last.
  virtual std::vector<protocol::bar> bars(std::string_view symbol, std::string_view interval,
                                          std::size_t most = 500) const = 0;
  virtual std::optional<protocol::quote> quote(std::string_view symbol) const = 0;
  /// The last message of an event topic.
  virtual std::optional<json> event(std::string_view topic) const = 0;

  // ---- history: what is kept of any symbol, subscribed or not

  using on_past_trades = std::function<void(const past_rows<protocol::trade>&)>;
  using on_past_bars = std::function<void(const past_rows<protocol::bar>&)>;
  /// Reads the past on other threads; `then` is called once, on this plugin's thread, in a turn of its own.
  /// At most 16 may be under way; more are answered `busy`. Never sees beyond now_ns() of a backtest.
  virtual void read_trades(std::string_view symbol, const past& which, on_past_trades then) = 0;
  /// Each bar in its newest revision; `interval` as in topics ("1m", "100t", "1m@bid").
  virtual void read_bars(std::string_view symbol, std::string_view interval, const past& which,
                         on_past_bars then) = 0;

  // ---- indicators

  /// An indicator by its call, as on HTTP: "rsi(14)", "macd(12,26,9)" (docs/indicators.md). Subscribes to the
  /// symbol's bars of that interval; unsubscribing from them ends it. Equal calls share one computation; at
  /// most 256 a plugin. Throws std::invalid_argument with a sentence for what is no call, no symbol or no
  /// interval; parameter_check::indicator says so before anything is made.
  virtual plugins::indicator indicator(std::string_view symbol, std::string_view interval,
                                       std::string_view call) = 0;

  // ---- speaking

  /// Publishes a message on a topic without a symbol, e.g. "signal.spread": everybody who subscribed gets it,
  /// browsers too. Topics of kind trade, quote, bar, book, feed, chart, indicator and user are not allowed.
  published publish(std::string_view topic, const json& value) { return publish_text(topic, value.dump()); }
  /// The same with JSON text; numbers keep their digits.
  virtual published publish_text(std::string_view topic, std::string_view json_text) = 0;
  /// Market data, for plugins that a [[feed]] of kind "plugin" names.
  virtual published publish_trade(std::string_view symbol, const protocol::trade& value) = 0;
  virtual published publish_quote(std::string_view symbol, const protocol::quote& value) = 0;
  virtual published publish_bar(std::string_view symbol, std::string_view interval,
                                const protocol::bar& value) = 0;

  // ---- asking

  using on_answer = std::function<void(const answer&)>;
  /// Asks another plugin by its name; its on_question answers. `then` is called once, on this plugin's
  /// thread, with the answer or with the reason why there is none.
  virtual void ask(std::string_view plugin, const json& question, on_answer then,
                   std::chrono::milliseconds patience = std::chrono::seconds(1)) = 0;

  // ---- timers

  /// on_timer is called with the returned number every `period` (at least 1 ms), the first time one period
  /// from now. A timer that is late is called once, not as often as it was missed.
  virtual timer_id every(std::chrono::nanoseconds period) = 0;
  /// on_timer is called once.
  virtual timer_id after(std::chrono::nanoseconds delay) = 0;
  virtual void cancel(timer_id timer) = 0;

  // ---- being seen

  /// One line in the engine's log. More than 100 lines a second are left out and counted.
  virtual void log(log_level level, std::string_view text) = 0;
  /// Adds to a counter in the console and in /metrics. Names: letters, digits and _; at most 100 a plugin.
  virtual void count(std::string_view metric, std::uint64_t by = 1) = 0;
  /// Sets a gauge.
  virtual void gauge(std::string_view metric, double value) = 0;

  // ---- for tickcast/caf_plugin.hpp

  /// The server's caf::actor_system; null in a process and under the test kit.
  virtual void* actor_system() const { return nullptr; }
  /// Something that has the plugin's on_wake called soon; may be called from any thread, at any time.
  virtual std::function<void()> waker() const = 0;
};

}  // namespace tickcast::plugins
