#include "plugins/kit/virtual_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "analytics/quote_price.hpp"
#include "plugins/runner/pattern.hpp"

namespace tickcast::plugins {
namespace {

/// That one call of move_towards tells at most.
constexpr int most_events = 1024;

}  // namespace

virtual_engine::virtual_engine(const plugin_entry& entry, virtual_engine_options options,
                               virtual_engine_taps taps)
    : entry_(entry), options_(std::move(options)), taps_(std::move(taps)), now_(options_.begin_ns) {
  if (const auto faults = entry_.check(options_.given); !faults.empty())
    throw std::runtime_error(fmt::format("{}", fmt::join(faults, "; ")));
  make();
}

virtual_engine::~virtual_engine() = default;

void virtual_engine::make() {
  std::string error;
  runner_.reset();
  plugin_ = {entry_.make(error), entry_.destroy};
  if (!plugin_) throw std::runtime_error(error);
  const auto clock = [this] { return now_; };
  runner_ = std::make_unique<runner>(*plugin_,
                                     runner_options{.name = options_.name,
                                                    .given = options_.given,
                                                    .publishes_per_s = options_.publishes_per_s,
                                                    .is_feed = options_.is_feed,
                                                    .hours = options_.hours},
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

}  // namespace tickcast::plugins
