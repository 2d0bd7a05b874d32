#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analytics/bar_span.hpp"
#include "analytics/calendar.hpp"
#include "plugins/kit/bar_former.hpp"
#include "plugins/kit/virtual_topic.hpp"
#include "plugins/runner/outlet.hpp"
#include "plugins/runner/runner.hpp"
#include "store/history.hpp"

namespace tickcast::plugins {

struct virtual_engine_options {
  std::string name;
  parameters given;
  std::uint64_t publishes_per_s = 10'000;
  bool is_feed = false;
  std::int64_t begin_ns = 0;
  std::vector<std::string> intervals;   ///< of bars that are formed of ticks
  protocol::interval::source source{};  ///< what intervals without @… are made of
  std::int64_t push_ns = 250'000'000;
  std::int32_t lateness_ms = 0;
  bool clock_close = true;
  /// Bars are formed of the intervals that form() names, not of all for every symbol.
  bool forms_on_demand = false;
  hours_finder hours = round_the_clock();
  const store::history* kept = nullptr;  ///< the past; null: there is none but what was played
};

/// Where what leaves the plugin goes. Each may be empty.
struct virtual_engine_taps {
  std::function<void(std::int64_t time_ns, std::string_view topic, std::string&& json_text)> published;
  std::function<void(log_level level, std::string_view text)> logged;
  /// Another plugin's answer; nothing: it stays unanswered.
  std::function<std::optional<answer>(std::string_view plugin, const json& question)> asked;
};

/// A small engine on a virtual clock around one plugin: topics with their counts, bars that form, history,
/// timers. What goes in moves the clock to its time; the plugin sees nothing of what lies behind it, neither
/// in topics nor in history nor in indicators. The same input gives the same output. The test kit and
/// `tickcast backtest` both run on it.
///
/// What the plugin throws leaves the call that led to it; so does std::runtime_error for history that cannot
/// be read. One thread.
class virtual_engine final : public outlet {
public:
  /// Makes the plugin. Throws std::runtime_error with the faults when its check() does not accept the
  /// parameters.
  virtual_engine(const plugin_entry& entry, virtual_engine_options options, virtual_engine_taps taps);
  ~virtual_engine() override;

  /// on_start().
  void start();
  void take(std::string_view symbol, const protocol::trade& value);
  void take(std::string_view symbol, const protocol::quote& value);
  /// A bar that is not formed here.
  void take(std::string_view symbol, std::string_view interval, const protocol::bar& value);
  void take_event(std::string_view topic, std::string&& json_text);
  /// Bars and timers that become due are told in order.
  void move_to(std::int64_t time_ns);
  /// The same, but stops on the way, false, when a handler has changed what the plugin wants, and now and
  /// then without a reason.
  bool move_towards(std::int64_t time_ns);
  void lose(std::uint64_t updates);
  /// The answer comes back.
  answer put(const json& question, std::string_view from);
  /// save(), a new one, load(), on_start().
  void reload();
  void stop();

  /// Whether the plugin has subscribed to the topic; and a number that rises when that may have changed.
  bool wants(std::string_view topic) const;
  std::uint64_t wishes() const noexcept { return wishes_; }
  const std::vector<std::string>& patterns() const noexcept { return patterns_; }
  /// With forms_on_demand: begins to form these bars. Ticks of before may be given to warm() first: nobody is
  /// told of them, but tell_warmed() tells the bars that are complete with them and are not in history.
  void form(const std::string& symbol, const std::string& interval);
  void warm(const std::string& symbol, const std::string& interval, const protocol::trade& value);
  void warm(const std::string& symbol, const std::string& interval, const protocol::quote& value);
  void tell_warmed(const std::string& symbol, const std::string& interval);
  /// Stored bars whose time is before it are over by now.
  std::int64_t ended_before(const std::string& symbol, const std::string& interval);
  /// The span of a bar of time; nothing for other intervals.
  std::optional<analytics::bar_span> span_of(const std::string& symbol, const std::string& interval,
                                             std::int64_t time_ns);

  runner& its() { return *runner_; }
  const vitals& seen() const { return vitals_; }
  std::int64_t now_ns() const noexcept { return now_; }

  // outlet
  void subscribe(const std::string& pattern) override;
  void unsubscribe(const std::string& pattern) override;
  void refresh(const std::vector<std::string>&) override {}
  published event(std::string_view topic, std::string&& text) override;
  published trade(std::string_view symbol, const protocol::trade& value) override;
  published quote(std::string_view symbol, const protocol::quote& value) override;
  published bar(std::string_view symbol, std::string_view interval, const protocol::bar& value) override;
  void flush() override {}
  void ask(std::string_view plugin, std::uint64_t id, std::string&& question) override;
  void reply(std::uint64_t id, bool ok, std::string&& text) override;
  void read(const past_request& what) override;
  void log(log_level level, std::string_view text) override;

private:
  struct series {
    virtual_topic* topic;
    std::string interval;
    protocol::interval what;
    bar_former former;
    std::int64_t stored_to_ns = 0;           ///< bars before it are in history
    std::vector<protocol::bar> warmed = {};  ///< complete, and not yet told
  };
  struct market {
    std::shared_ptr<const analytics::calendar> hours;
    analytics::session_cursor sessions;
    virtual_topic* trades;
    virtual_topic* quotes;
    std::vector<std::unique_ptr<series>> bars;
    std::uint64_t number = 0;
    std::int64_t newest_ns;
    std::int64_t newest_quote_ns;
    explicit market(std::shared_ptr<const analytics::calendar> of) : hours(std::move(of)), sessions(*hours) {}
  };

  void make();
  void begin(const std::optional<std::string>& state, std::string_view version,
             std::vector<std::string> subscribed);
  void settle();
  market& market_of(std::string_view symbol);
  series& add_series(market& of, const std::string& symbol, const std::string& interval);
  series* find_series(market& of, std::string_view interval);
  virtual_topic& topic_of(const std::string& name);
  void write(virtual_topic& to, decltype(message::what) value);
  void tell_history(virtual_topic& of);
  /// Fills price and size in for bars of that source; false: the tick has none for them.
  using price_finder = std::function<bool(protocol::interval::source, bar_tick&)>;
  void form_bars(market& of, bool quotes, std::int64_t time_ns, std::int64_t newest_ns,
                 const price_finder& price);
  void warm(const std::string& symbol, const std::string& interval, std::int64_t time_ns,
            const price_finder& price);
  void tell(series& of);
  void note_due(const series& of) { next_due_ns_ = std::min(next_due_ns_, of.former.due_ns()); }
  void look_at_bars();
  published tell_out(std::string_view topic, std::string&& json_text);
  past_answer read_past(const virtual_topic& of, const past_request& what);

  const plugin_entry& entry_;
  virtual_engine_options options_;
  virtual_engine_taps taps_;
  std::int64_t now_;
  vitals vitals_;
  pulse pulse_;
  std::unique_ptr<plugin, void (*)(plugin*)> plugin_{nullptr, nullptr};
  std::unique_ptr<runner> runner_;
  std::map<std::string, virtual_topic, std::less<>> topics_;
  std::map<std::string, market, std::less<>> markets_;
  std::vector<std::string> patterns_, pending_;
  std::uint64_t wishes_ = 0;
  std::int64_t next_due_ns_ = bar_former::never;
  std::deque<message> answers_;
  std::vector<protocol::bar> telling_;
  answer last_answer_;
};

}  // namespace tickcast::plugins
