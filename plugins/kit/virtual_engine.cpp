#include "plugins/kit/virtual_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "analytics/bar_span.hpp"
#include "analytics/quote_price.hpp"
#include "plugins/runner/pattern.hpp"
#include "store/whole_times.hpp"

namespace tickcast::plugins {
namespace {

/// That one call of move_towards tells at most.
constexpr int most_events = 1024;
constexpr const char* epoch = "virtual";
constexpr auto long_ago = std::numeric_limits<std::int64_t>::min() / 2;

template <class T>
T or_throw(protocol::expected<T> result) {
  if (!result) throw std::runtime_error(fmt::format("history cannot be read: {}", result.error().message));
  return std::move(*result);
}

store::range range_of(const past& which) {
  return {which.from_ns, which.to_ns, which.most, which.newest ? store::keep::newest : store::keep::oldest};
}

}  // namespace

virtual_engine::virtual_engine(const plugin_entry& entry, virtual_engine_options options,
                               virtual_engine_taps taps)
    : entry_(entry), options_(std::move(options)), taps_(std::move(taps)), now_(options_.begin_ns) {
  if (const auto faults = entry_.check(options_.given); !faults.empty())
    throw std::runtime_error(fmt::format("{}", fmt::join(faults, "; ")));
  if (!options_.hours)
    options_.hours = [always = std::make_shared<const analytics::calendar>()](const std::string&) {
      return always;
    };
  make();
}

virtual_engine::~virtual_engine() = default;

void virtual_engine::make() {
  std::string error;
  runner_.reset();
  plugin_ = {entry_.make(error), entry_.destroy};
  if (!plugin_) throw std::runtime_error(error);
  const auto clock = [this] { return now_; };
  runner_ = std::make_unique<runner>(
      *plugin_, runner_options{options_.name, options_.given, options_.publishes_per_s, options_.is_feed},
      *this, vitals_, pulse_, clocks{clock, clock});
}

void virtual_engine::begin(const std::optional<std::string>& state, std::string_view version,
                           std::vector<std::string> subscribed) {
  runner_->start(state, version, std::move(subscribed));
  settle();
}

void virtual_engine::start() {
  begin({}, {}, {});
}

void virtual_engine::reload() {
  const auto state = runner_->save();
  const auto subscribed = vitals_.subscriptions();
  runner_->stop();
  make();
  patterns_.clear();
  pending_.clear();
  ++wishes_;
  for (auto& [name, topic] : topics_) topic.told = false;
  begin(state, entry_.version, subscribed);
}

void virtual_engine::stop() {
  runner_->stop();
}

// ---- what comes in

void virtual_engine::take(std::string_view symbol, const protocol::trade& value) {
  auto& of = market_of(symbol);
  move_to(value.time_ns);
  write(*of.trades, value);
  form_bars(of, false, value.time_ns, std::exchange(of.newest_ns, std::max(of.newest_ns, value.time_ns)),
            [&](protocol::interval::source source, bar_tick& to) {
              to.price = value.price;
              to.size = value.size;
              return source == protocol::interval::source::trades;
            });
}

void virtual_engine::take(std::string_view symbol, const protocol::quote& value) {
  using source_kind = protocol::interval::source;
  auto& of = market_of(symbol);
  move_to(value.time_ns);
  write(*of.quotes, value);
  form_bars(of, true, value.time_ns,
            std::exchange(of.newest_quote_ns, std::max(of.newest_quote_ns, value.time_ns)),
            [&](source_kind source, bar_tick& to) {
              const auto price = analytics::price_of(source, value);
              if (price) to.price = *price;
              return price.has_value();
            });
}

void virtual_engine::take(std::string_view symbol, std::string_view interval, const protocol::bar& value) {
  write(topic_of(fmt::format("bar.{}.{}", interval, symbol)), value);
}

void virtual_engine::take_event(std::string_view topic, std::string&& json_text) {
  write(topic_of(std::string(topic)), std::make_shared<const std::string>(std::move(json_text)));
}

void virtual_engine::move_to(std::int64_t time_ns) {
  while (!move_towards(time_ns)) {
  }
}

bool virtual_engine::move_towards(std::int64_t time_ns) {
  const auto wishes = wishes_;
  for (int events = 0;; ++events) {
    if (wishes != wishes_ || events == most_events) return false;
    const auto timer = runner_->next_timer_ns().value_or(bar_former::never);
    const auto due = std::min(timer, next_due_ns_);
    if (due > time_ns || due == bar_former::never) break;
    now_ = std::max(now_, due);
    if (next_due_ns_ <= due) look_at_bars();
    if (timer <= due) runner_->run_timers();
    settle();
  }
  now_ = std::max(now_, time_ns);
  return true;
}

void virtual_engine::lose(std::uint64_t updates) {
  runner_->lost(updates);
  settle();
}

answer virtual_engine::put(const json& question, std::string_view from) {
  last_answer_ = {};
  runner_->handle({nullptr, 0, plugins::question{1, std::string(from), question.dump()}});
  settle();
  return last_answer_;
}

// ---- topics

bool virtual_engine::wants(std::string_view topic) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const auto& each) { return matches(each, topic); });
}

virtual_topic& virtual_engine::topic_of(const std::string& name) {
  const auto found = topics_.find(name);
  if (found != topics_.end()) return found->second;
  const auto parsed = protocol::parse_topic(name);
  if (!parsed) throw std::invalid_argument(fmt::format("\"{}\" is no topic", name));
  return topics_.emplace(name, virtual_topic(*parsed)).first->second;
}

void virtual_engine::write(virtual_topic& to, decltype(message::what) value) {
  if (std::exchange(to.wishes, wishes_ + 1) != wishes_ + 1) to.wanted = wants(to.ref->topic);
  // A topic that comes to be is told before its first update.
  if (to.wanted && !to.told) tell_history(to);
  const message update{to.ref, ++to.seq, std::move(value)};
  to.add(update);
  if (to.wanted) runner_->handle(update);
  settle();
}

void virtual_engine::tell_history(virtual_topic& of) {
  auto whole = std::make_shared<topic_history>();
  if (of.seq > 0) whole->epoch = epoch;
  const auto& ref = *of.ref;
  const auto newest = [](std::size_t most) { return past_request{0, {}, past::last(most)}; };
  if (ref.kind == protocol::topic_kind::trade) whole->trades = read_past(of, newest(history::most_trades)).trades;
  if (ref.kind == protocol::topic_kind::bar) whole->bars = read_past(of, newest(history::most_bars)).bars;
  if (ref.kind == protocol::topic_kind::quote) {
    whole->quote = of.quote;
    if (!of.quote && options_.kept) {
      store::range last;
      last.to_ns = now_;
      last.limit = 1;
      const auto before = or_throw(options_.kept->quotes(ref.symbol, last));
      if (!before.empty()) whole->quote = before.back();
    }
  }
  whole->event = of.event;
  of.told = true;
  runner_->handle({of.ref, of.seq, std::shared_ptr<const topic_history>(std::move(whole))});
}

/// Serves what handlers asked for: histories first, as the engine does.
void virtual_engine::settle() {
  while (!pending_.empty() || !answers_.empty()) {
    for (auto& each : std::exchange(pending_, {})) {
      if (!is_glob(each)) topic_of(each);
      if (std::find(patterns_.begin(), patterns_.end(), each) == patterns_.end()) patterns_.push_back(each);
      ++wishes_;
      for (auto& [name, topic] : topics_)
        if ((topic.seq > 0 || !is_glob(each)) && matches(each, name)) tell_history(topic);
    }
    if (answers_.empty()) continue;
    const auto next = std::move(answers_.front());
    answers_.pop_front();
    runner_->handle(next);
  }
}

// ---- bars

virtual_engine::market& virtual_engine::market_of(std::string_view symbol) {
  const auto found = markets_.find(symbol);
  if (found != markets_.end()) return found->second;
  if (!protocol::is_valid_symbol(symbol))
    throw std::invalid_argument(fmt::format("\"{}\" is no symbol", symbol));
  const std::string name(symbol);
  auto& made = markets_.emplace(name, market(options_.hours(name))).first->second;
  made.trades = &topic_of("trade." + name);
  made.quotes = &topic_of("quote." + name);
  made.newest_ns = made.newest_quote_ns = long_ago;
  if (!options_.forms_on_demand)
    for (const auto& interval : options_.intervals) add_series(made, name, interval);
  return made;
}

virtual_engine::series* virtual_engine::find_series(market& of, std::string_view interval) {
  for (auto& each : of.bars)
    if (each->interval == interval) return each.get();
  return nullptr;
}

virtual_engine::series& virtual_engine::add_series(market& of, const std::string& symbol,
                                                   const std::string& interval) {
  const auto what = made_of(interval, options_.source);
  if (!what) throw std::invalid_argument(fmt::format("\"{}\" is no interval", interval));
  of.bars.push_back(std::make_unique<series>(
      series{&topic_of(fmt::format("bar.{}.{}", interval, symbol)), interval, *what,
             bar_former(*what, options_.lateness_ms, options_.push_ns, options_.clock_close)}));
  return *of.bars.back();
}

void virtual_engine::form_bars(market& of, bool quotes, std::int64_t time_ns, std::int64_t newest_ns,
                               const price_finder& price) {
  const auto number = of.number++;
  // Handlers may add series; those begin with the next tick.
  for (std::size_t i = 0, count = of.bars.size(); i < count; ++i) {
    auto& each = *of.bars[i];
    if ((each.what.of != protocol::interval::source::trades) != quotes) continue;
    bar_tick next{time_ns, {}, {}, number, newest_ns};
    if (!price(each.what.of, next)) continue;
    each.former.take(next, of.sessions, now_, telling_);
    note_due(each);
    tell(each);
  }
}

void virtual_engine::tell(series& of) {
  const auto bars = std::exchange(telling_, {});
  for (const auto& each : bars) write(*of.topic, each);
}

void virtual_engine::look_at_bars() {
  next_due_ns_ = bar_former::never;
  for (auto& [symbol, of] : markets_)
    for (std::size_t i = 0; i < of.bars.size(); ++i) {
      auto& each = *of.bars[i];
      each.former.look(now_, telling_);
      note_due(each);
      tell(each);
    }
}

void virtual_engine::form(const std::string& symbol, const std::string& interval) {
  auto& of = market_of(symbol);
  if (!find_series(of, interval)) add_series(of, symbol, interval);
}

void virtual_engine::warm(const std::string& symbol, const std::string& interval,
                          const protocol::trade& value) {
  warm(symbol, interval, value.time_ns, [&](protocol::interval::source source, bar_tick& to) {
    to.price = value.price;
    to.size = value.size;
    return source == protocol::interval::source::trades;
  });
}

void virtual_engine::warm(const std::string& symbol, const std::string& interval,
                          const protocol::quote& value) {
  warm(symbol, interval, value.time_ns, [&](protocol::interval::source source, bar_tick& to) {
    const auto price = analytics::price_of(source, value);
    if (price) to.price = *price;
    return price.has_value();
  });
}

void virtual_engine::warm(const std::string& symbol, const std::string& interval, std::int64_t time_ns,
                          const price_finder& price) {
  auto& of = market_of(symbol);
  auto* const to = find_series(of, interval);
  bar_tick next{time_ns, {}, {}, of.number++, time_ns};
  if (!to || !price(to->what.of, next)) return;
  to->former.take(next, of.sessions, time_ns, telling_);
  telling_.clear();
  note_due(*to);
}

std::optional<analytics::bar_span> virtual_engine::span_of(const std::string& symbol,
                                                           const std::string& interval,
                                                           std::int64_t time_ns) {
  const auto what = protocol::parse_interval(interval);
  using unit = protocol::interval::unit;
  if (!what || (what->by != unit::time && what->by != unit::month)) return std::nullopt;
  return analytics::span_of(*what, time_ns, market_of(symbol).sessions);
}

// ---- what the plugin asks

void virtual_engine::subscribe(const std::string& pattern) {
  pending_.push_back(pattern);
}

void virtual_engine::unsubscribe(const std::string& pattern) {
  std::erase(patterns_, pattern);
  std::erase(pending_, pattern);
  ++wishes_;
  for (auto& [name, topic] : topics_) topic.told = topic.told && wants(name);
}

past_answer virtual_engine::read_past(const virtual_topic& of, const past_request& what) {
  past_answer result;
  result.id = what.id;
  result.seq = of.seq;
  if (of.seq > 0) result.epoch = epoch;
  const auto& ref = *of.ref;
  if (ref.kind == protocol::topic_kind::trade) {
    auto found = or_throw(store::read_stretch<protocol::trade>(range_of(what.which), [&](const auto& part) {
      return of.read_trades(options_.kept, now_, part);
    }));
    result.trades = std::move(found.rows);
    result.more = found.more;
  } else {
    const auto ended_ns = ended_before(ref);
    auto found = or_throw(store::read_stretch<protocol::bar>(range_of(what.which), [&](const auto& part) {
      return of.read_bars(options_.kept, ended_ns, part);
    }));
    result.bars = std::move(found.rows);
    result.more = found.more;
  }
  return result;
}

/// Stored bars whose time is before it are over by now.
std::int64_t virtual_engine::ended_before(const topic_ref& of) {
  if (!options_.kept) return now_;
  if (const auto span = span_of(of.symbol, of.interval, now_)) return span->time_ns;
  // One of ticks, volume or value is over when the next begins.
  store::range last;
  last.to_ns = now_;
  last.limit = 1;
  const auto found = or_throw(options_.kept->bars(of.interval, of.symbol, last));
  return found.empty() ? now_ : found.back().time_ns;
}

void virtual_engine::read(const past_request& what) {
  auto& of = topic_of(what.topic);
  auto answer = std::make_shared<const past_answer>(read_past(of, what));
  answers_.push_back({of.ref, of.seq, std::move(answer)});
}

void virtual_engine::ask(std::string_view plugin, std::uint64_t id, std::string&& question) {
  if (!taps_.asked) return;
  const auto given = taps_.asked(plugin, json::parse(question));
  if (!given) return;
  answers_.push_back(
      {nullptr, 0, answer_text{id, given->ok, given->ok ? given->value.dump() : given->error}});
}

void virtual_engine::reply(std::uint64_t, bool ok, std::string&& text) {
  last_answer_ = {ok, ok ? json::parse(text) : json(), ok ? std::string() : text};
}

void virtual_engine::log(log_level level, std::string_view text) {
  if (taps_.logged) taps_.logged(level, text);
}

// ---- what it publishes

published virtual_engine::tell_out(std::string_view topic, std::string&& json_text) {
  if (taps_.published) taps_.published(now_, topic, std::move(json_text));
  return published::sent;
}

published virtual_engine::event(std::string_view topic, std::string&& text) {
  return tell_out(topic, std::move(text));
}

published virtual_engine::trade(std::string_view symbol, const protocol::trade& value) {
  return tell_out(fmt::format("trade.{}", symbol),
                  fmt::format(R"({{"time":{},"price":{},"size":{}}})", value.time_ns,
                              value.price.to_string(), value.size.to_string()));
}

published virtual_engine::quote(std::string_view symbol, const protocol::quote& value) {
  return tell_out(fmt::format("quote.{}", symbol),
                  fmt::format(R"({{"time":{},"bid":{},"bid_size":{},"ask":{},"ask_size":{}}})", value.time_ns,
                              value.bid.to_string(), value.bid_size.to_string(), value.ask.to_string(),
                              value.ask_size.to_string()));
}

published virtual_engine::bar(std::string_view symbol, std::string_view interval, const protocol::bar& value) {
  return tell_out(
      fmt::format("bar.{}.{}", interval, symbol),
      fmt::format(
          R"({{"time":{},"open":{},"high":{},"low":{},"close":{},"volume":{},"value":{},"trades":{},"closed":{},"rev":{}}})",
          value.time_ns, value.open.to_string(), value.high.to_string(), value.low.to_string(),
          value.close.to_string(), value.volume.to_string(), value.value.to_string(), value.trades,
          value.closed, value.rev));
}

}  // namespace tickcast::plugins
