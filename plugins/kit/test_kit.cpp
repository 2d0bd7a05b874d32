#include "tickcast/test_kit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "analytics/bar_builder.hpp"
#include "analytics/calendar.hpp"
#include "feeds/playback.hpp"
#include "plugins/runner/pattern.hpp"
#include "plugins/runner/runner.hpp"
#include "protocol/topic.hpp"

extern "C" {
extern const tickcast::plugins::plugin_entry tickcast_plugin_entry
    __attribute__((weak, visibility("default")));
}

namespace tickcast::plugins {
namespace {

constexpr std::int64_t push_every_ns = 250'000'000;

protocol::decimal exact(std::string_view text) {
  const auto value = protocol::decimal::parse(text);
  if (!value) throw std::invalid_argument(fmt::format("\"{}\" is no number", text));
  return *value;
}

const plugin_entry& entry_of_this_program() {
  if (!&tickcast_plugin_entry)
    throw std::logic_error("this program has no TICKCAST_PLUGIN: link the plugin's source file");
  return tickcast_plugin_entry;
}

json to_json(protocol::decimal value) {
  return json::parse(value.to_string());
}

}  // namespace

/// A small engine: topics with their counts and histories, one reader.
class test_kit::inside final : public outlet {
public:
  inside(const plugin_entry& entry, parameters given, test_kit_options options)
      : entry_(entry), given_(std::move(given)), options_(std::move(options)), now_(options_.begin_ns) {
    if (const auto faults = entry_.check(given_); !faults.empty())
      throw std::runtime_error(fmt::format("{}", fmt::join(faults, "; ")));
    make();
    begin({}, {}, {});
  }

  // outlet
  void subscribe(const std::string& pattern) override { pending_.push_back(pattern); }
  void unsubscribe(const std::string& pattern) override {
    std::erase(patterns_, pattern);
    std::erase(pending_, pattern);
  }
  void refresh(const std::vector<std::string>&) override {}
  plugins::published event(std::string_view topic, std::string&& text) override {
    published_.push_back({now_, std::string(topic), json::parse(text)});
    return plugins::published::sent;
  }
  plugins::published trade(std::string_view symbol, const protocol::trade& value) override {
    published_.push_back(
        {now_,
         fmt::format("trade.{}", symbol),
         {{"time", value.time_ns}, {"price", to_json(value.price)}, {"size", to_json(value.size)}}});
    return plugins::published::sent;
  }
  plugins::published quote(std::string_view symbol, const protocol::quote& value) override {
    published_.push_back({now_,
                          fmt::format("quote.{}", symbol),
                          {{"time", value.time_ns},
                           {"bid", to_json(value.bid)},
                           {"bid_size", to_json(value.bid_size)},
                           {"ask", to_json(value.ask)},
                           {"ask_size", to_json(value.ask_size)}}});
    return plugins::published::sent;
  }
  plugins::published bar(std::string_view symbol, std::string_view interval,
                         const protocol::bar& value) override {
    published_.push_back({now_,
                          fmt::format("bar.{}.{}", interval, symbol),
                          {{"time", value.time_ns},
                           {"open", to_json(value.open)},
                           {"high", to_json(value.high)},
                           {"low", to_json(value.low)},
                           {"close", to_json(value.close)},
                           {"volume", to_json(value.volume)},
                           {"value", to_json(value.value)},
                           {"trades", value.trades},
                           {"closed", value.closed},
                           {"rev", value.rev}}});
    return plugins::published::sent;
  }
  void flush() override {}
  void ask(std::string_view plugin, std::uint64_t id, std::string&& question) override {
    const auto found = responders_.find(plugin);
    if (found == responders_.end()) return;
    const auto given = found->second(json::parse(question));
    answers_.push_back({nullptr, 0, answer_text{id, given.ok, given.ok ? given.value.dump() : given.error}});
  }
  void reply(std::uint64_t, bool ok, std::string&& text) override {
    last_answer_ = {ok, ok ? json::parse(text) : json(), ok ? std::string() : text};
  }
  void log(log_level level, std::string_view text) override { log_.push_back({level, std::string(text)}); }

  // input
  void move_to(std::int64_t time_ns) {
    while (const auto due = runner_->next_timer_ns()) {
      if (*due > time_ns) break;
      now_ = std::max(now_, *due);
      runner_->run_timers();
      settle();
    }
    now_ = std::max(now_, time_ns);
  }
  void take(std::string_view symbol, const protocol::trade& value) {
    if (!protocol::is_valid_symbol(symbol))
      throw std::invalid_argument(fmt::format("\"{}\" is no symbol", symbol));
    move_to(value.time_ns);
    write(fmt::format("trade.{}", symbol), value);
    form_bars(std::string(symbol), value);
  }
  void take(std::string_view symbol, const protocol::quote& value) {
    move_to(value.time_ns);
    write(fmt::format("quote.{}", symbol), value);
  }
  void take_event(std::string_view topic, const json& value) {
    write(std::string(topic), std::make_shared<const std::string>(value.dump()));
  }
  void lose(std::uint64_t updates) {
    runner_->lost(updates);
    settle();
  }
  answer put(const json& question, std::string_view from) {
    last_answer_ = {};
    runner_->handle({nullptr, 0, plugins::question{1, std::string(from), question.dump()}});
    settle();
    return last_answer_;
  }
  void reload() {
    const auto state = runner_->save();
    const auto subscribed = vitals_.subscriptions();
    runner_->stop();
    make();
    patterns_.clear();
    topics_known_to_it_.clear();
    begin(state, entry_.version, subscribed);
  }
  void stop() { runner_->stop(); }

  test_kit_options& options() { return options_; }
  runner& its() { return *runner_; }
  const vitals& seen() const { return vitals_; }
  std::int64_t now() const { return now_; }
  const std::vector<published_message>& published_so_far() const { return published_; }
  const std::vector<logged_line>& lines() const { return log_; }
  void respond(std::string_view plugin, std::function<answer(const json&)> call) {
    responders_[std::string(plugin)] = std::move(call);
  }

private:
  struct topic_state {
    std::shared_ptr<const topic_ref> ref;
    std::uint64_t seq = 0;
  };
  struct forming {
    analytics::bar_builder builder;
    std::int64_t pushed_ns = 0;
    std::uint64_t taken = 0;
    std::int64_t newest_ns = std::numeric_limits<std::int64_t>::min();
  };

  void make() {
    std::string error;
    runner_.reset();
    plugin_ = {entry_.make(error), entry_.destroy};
    if (!plugin_) throw std::runtime_error(error);
    runner_ = std::make_unique<runner>(
        *plugin_, runner_options{options_.name, given_, options_.publishes_per_s, options_.is_feed}, *this,
        vitals_, pulse_, clocks{[this] { return now_; }, [this] { return now_; }});
  }
  void begin(const std::optional<std::string>& state, std::string_view version,
             std::vector<std::string> patterns) {
    runner_->start(state, version, std::move(patterns));
    settle();
  }

  /// Serves what handlers asked for: histories first, as the engine does.
  void settle() {
    while (!pending_.empty() || !answers_.empty()) {
      for (auto& each : std::exchange(pending_, {})) {
        for (const auto& [name, state] : topics_)
          if (matches(each, name)) tell_history(state);
        patterns_.push_back(std::move(each));
      }
      for (const auto& each : std::exchange(answers_, {})) runner_->handle(each);
    }
  }
  bool wanted(const std::string& topic) const {
    return std::any_of(patterns_.begin(), patterns_.end(),
                       [&](const auto& each) { return matches(each, topic); });
  }
  void tell_history(const topic_state& of) {
    auto whole = std::make_shared<topic_history>();
    whole->epoch = "test";
    const auto& ref = *of.ref;
    if (ref.kind == protocol::topic_kind::trade)
      whole->trades = kept_.trades(ref.symbol, history::most_trades);
    if (ref.kind == protocol::topic_kind::quote) whole->quote = kept_.quote(ref.symbol);
    if (ref.kind == protocol::topic_kind::bar)
      whole->bars = kept_.bars(ref.symbol, ref.interval, history::most_bars);
    whole->event = kept_.event(ref.topic);
    topics_known_to_it_[ref.topic] = true;
    runner_->handle({of.ref, of.seq, std::shared_ptr<const topic_history>(std::move(whole))});
  }

  template <class Value>
  void write(const std::string& topic, const Value& value) {
    auto& state = topics_[topic];
    if (!state.ref) {
      const auto parsed = protocol::parse_topic(topic);
      if (!parsed) throw std::invalid_argument(fmt::format("\"{}\" is no topic", topic));
      state.ref = std::make_shared<const topic_ref>(*parsed);
    }
    // A topic that comes to be is told before its first update.
    if (wanted(topic) && !topics_known_to_it_[topic]) tell_history(state);
    message update{state.ref, ++state.seq, value};
    kept_.add(update);
    if (wanted(topic)) runner_->handle(update);
    settle();
  }

  void form_bars(const std::string& symbol, const protocol::trade& trade) {
    using effect = analytics::bar_builder::effect;
    for (const auto& interval : options_.intervals) {
      const auto parsed = protocol::parse_interval(interval);
      if (!parsed || parsed->of != protocol::interval::source::trades)
        throw std::invalid_argument(fmt::format("\"{}\" is no interval of trades", interval));
      const auto topic = fmt::format("bar.{}.{}", interval, symbol);
      auto& bars = forming_.try_emplace(topic, forming{analytics::bar_builder(*parsed)}).first->second;
      const auto number = bars.taken++;
      const auto newest = std::exchange(bars.newest_ns, std::max(bars.newest_ns, trade.time_ns));
      const auto step = bars.builder.plan(trade.time_ns, trade.price, trade.size, number, newest, sessions_);
      if (!step || step->does == effect::left_out) continue;
      if (step->closes) write(topic, bars.builder.as_closed());
      bars.builder.commit(trade.time_ns, trade.price, trade.size, number, *step);
      if (!step->closes && !step->completes && now_ - bars.pushed_ns < push_every_ns) continue;
      bars.pushed_ns = now_;
      write(topic, *bars.builder.newest());
    }
  }

  const plugin_entry& entry_;
  parameters given_;
  test_kit_options options_;
  std::int64_t now_;
  vitals vitals_;
  pulse pulse_;
  std::unique_ptr<plugin, void (*)(plugin*)> plugin_{nullptr, nullptr};
  std::unique_ptr<runner> runner_;
  history kept_;
  std::map<std::string, topic_state> topics_;
  std::map<std::string, bool> topics_known_to_it_;
  std::map<std::string, forming> forming_;
  const analytics::calendar hours_;  // round the clock, UTC
  analytics::session_cursor sessions_{hours_};
  std::vector<std::string> patterns_, pending_;
  std::vector<message> answers_;
  answer last_answer_;
  std::map<std::string, std::function<answer(const json&)>, std::less<>> responders_;
  std::vector<published_message> published_;
  std::vector<logged_line> log_;
};

test_kit::test_kit(parameters given, test_kit_options options)
    : test_kit(entry_of_this_program(), std::move(given), std::move(options)) {}

test_kit::test_kit(const plugin_entry& entry, parameters given, test_kit_options options)
    : inside_(std::make_unique<inside>(entry, std::move(given), std::move(options))) {}

test_kit::~test_kit() = default;

void test_kit::trade(std::string_view symbol, const protocol::trade& value) {
  inside_->take(symbol, value);
}

void test_kit::trade(std::string_view symbol, std::string_view price, std::string_view size,
                     protocol::side aggressor) {
  inside_->take(symbol, protocol::trade{now_ns(), exact(price), exact(size), aggressor, {}});
}

void test_kit::quote(std::string_view symbol, const protocol::quote& value) {
  inside_->take(symbol, value);
}

void test_kit::quote(std::string_view symbol, std::string_view bid, std::string_view bid_size,
                     std::string_view ask, std::string_view ask_size) {
  inside_->take(symbol, protocol::quote{now_ns(), exact(bid), exact(bid_size), exact(ask), exact(ask_size)});
}

void test_kit::event(std::string_view topic, const json& value) {
  inside_->take_event(topic, value);
}

std::uint64_t test_kit::play(const std::vector<std::string>& files, std::uint64_t most_rows) {
  feeds::playback rows({files, {}, false});
  std::uint64_t played = 0;
  for (auto* row = rows.peek(); row && played < most_rows; row = rows.peek(), ++played) {
    const auto symbol = std::string(row->symbol);
    std::visit([&](const auto& value) { inside_->take(symbol, value); }, row->value);
    rows.pop();
  }
  return played;
}

void test_kit::advance(std::chrono::nanoseconds by) {
  inside_->move_to(now_ns() + by.count());
}

void test_kit::lose(std::uint64_t updates) {
  inside_->lose(updates);
}

answer test_kit::ask(const json& question, std::string_view from) {
  return inside_->put(question, from);
}

void test_kit::on_ask(std::string_view plugin, std::function<answer(const json&)> respond) {
  inside_->respond(plugin, std::move(respond));
}

void test_kit::reload() {
  inside_->reload();
}

void test_kit::stop() {
  inside_->stop();
}

const std::vector<published_message>& test_kit::published() const {
  return inside_->published_so_far();
}

std::vector<published_message> test_kit::published(std::string_view topic) const {
  std::vector<published_message> result;
  for (const auto& each : inside_->published_so_far())
    if (each.topic == topic) result.push_back(each);
  return result;
}

std::uint64_t test_kit::counter(std::string_view name) const {
  const auto all = inside_->seen().counters();
  const auto found = all.find(name);
  return found == all.end() ? 0 : found->second;
}

double test_kit::gauge(std::string_view name) const {
  const auto all = inside_->seen().gauges();
  const auto found = all.find(name);
  return found == all.end() ? 0 : found->second;
}

const std::vector<logged_line>& test_kit::log() const {
  return inside_->lines();
}

std::vector<std::string> test_kit::subscriptions() const {
  return inside_->seen().subscriptions();
}

std::uint64_t test_kit::refused() const {
  return inside_->seen().over_budget.load() + inside_->seen().refused.load();
}

std::int64_t test_kit::now_ns() const {
  return inside_->now();
}

context& test_kit::engine() {
  return inside_->its();
}

}  // namespace tickcast::plugins
