#include "plugins/runner/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "plugins/runner/handler_call.hpp"
#include "plugins/runner/pattern.hpp"
#include "protocol/topic.hpp"

namespace tickcast::plugins {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;
/// History that was busy is asked again after it.
constexpr std::int64_t look_again_ns = 50'000'000;

void bump(std::atomic<std::uint64_t>& counter) noexcept {
  counter.store(counter.load(relaxed) + 1, relaxed);
}

}  // namespace

clocks real_clocks() {
  return {
      [] { return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count(); },
      [] { return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count(); }};
}

runner::runner(plugin& what, runner_options options, outlet& to, vitals& seen, pulse& beat, clocks time)
    : plugin_(what),
      options_(std::move(options)),
      outlet_(to),
      vitals_(seen),
      pulse_(beat),
      clocks_(std::move(time)),
      desk_(
          {[this](const past_request& asked) { outlet_.read(asked); },
           [this] { start_timer(look_again_ns, 0, timer::whose::indicators); },
           [this](const std::string& sentence) { log(log_level::warning, sentence); },
           [this](const topic_ref& of) { return history_.bars(of.symbol, of.interval, history::most_bars); },
           options_.hours}),
      publish_tokens_(options_.publishes_per_s) {
  plugin_.context_ = this;
  // What an earlier run asked for may still be answered, to this one: it must not look like ours.
  last_read_ = static_cast<std::uint64_t>(clocks_.steady_ns()) & ~desk_bit;
  desk_.number_from(last_read_);
}

void runner::start(const std::optional<std::string>& state, std::string_view version,
                   std::vector<std::string> patterns) {
  patterns_ = std::move(patterns);
  tell_subscriptions();
  for (const auto& each : patterns_) outlet_.subscribe(each);
  if (state) call("load", [&] { plugin_.load(*state, version); });
  call("on_start", [&] { plugin_.on_start(); });
  outlet_.flush();
}

void runner::handle(const message& what) {
  bump(vitals_.handled);
  if (const auto* asked = std::get_if<question>(&what.what)) return handle_question(*asked);
  if (const auto* given = std::get_if<answer_text>(&what.what)) return handle_answer(*given);
  if (const auto* past = std::get_if<std::shared_ptr<const past_answer>>(&what.what))
    return handle_past(**past);
  if (what.topic->kind == protocol::topic_kind::bar && desk_.has(what.topic->topic)) {
    desk_.begin(what.topic->topic);
    if (desk_.hold(what)) return;
    deliver_all(desk_.released(what.topic->topic));
  }
  deliver(what);
}

void runner::deliver_all(const std::vector<message>& what) {
  for (const auto& each : what) deliver(each);
}

void runner::deliver(const message& what) {
  const auto& topic = *what.topic;
  const source from{topic.topic, topic.symbol, topic.interval, what.seq};
  const bool is_bar = topic.kind == protocol::topic_kind::bar;
  if (const auto* whole = std::get_if<std::shared_ptr<const topic_history>>(&what.what)) {
    history_.set(topic, what.seq, **whole);
    if (is_bar) desk_.take(what);
    return call("on_history", [&] { plugin_.on_history(from); });
  }
  if (!history_.add(what)) return;
  if (is_bar) desk_.take(what);
  if (const auto* trade = std::get_if<protocol::trade>(&what.what))
    call("on_trade", [&] { plugin_.on_trade(from, *trade); });
  else if (const auto* quote = std::get_if<protocol::quote>(&what.what))
    call("on_quote", [&] { plugin_.on_quote(from, *quote); });
  else if (const auto* bar = std::get_if<protocol::bar>(&what.what))
    call("on_bar", [&] { plugin_.on_bar(from, *bar); });
  else
    call("on_event",
         [&] { plugin_.on_event(from, *std::get<std::shared_ptr<const std::string>>(what.what)); });
}

void runner::lost(std::uint64_t updates) {
  call("on_lost", [&] { plugin_.on_lost(updates); });
}

std::string runner::save() {
  std::string state;
  call("save", [&] { state = plugin_.save(); });
  return state;
}

void runner::stop() {
  call("on_stop", [&] { plugin_.on_stop(); });
  outlet_.flush();
}

void runner::woken() {
  const handler_mark mark(pulse_, "on_wake", clocks_.steady_ns());
  plugin_.on_wake();
}

// ---- listening

bool runner::subscribe(std::string_view pattern) {
  if (!is_pattern(pattern)) return false;
  if (std::find(patterns_.begin(), patterns_.end(), pattern) != patterns_.end()) return true;
  patterns_.emplace_back(pattern);
  tell_subscriptions();
  outlet_.subscribe(patterns_.back());
  return true;
}

void runner::unsubscribe(std::string_view pattern) {
  const auto found = std::find(patterns_.begin(), patterns_.end(), pattern);
  if (found == patterns_.end()) return;
  outlet_.unsubscribe(*found);
  patterns_.erase(found);
  tell_subscriptions();
  for (const auto& topic : history_.topics()) {
    const auto covers = [&](const std::string& other) { return matches(other, topic); };
    if (std::none_of(patterns_.begin(), patterns_.end(), covers)) {
      history_.forget(topic);
      desk_.forget(topic);
    }
  }
}

void runner::tell_subscriptions() {
  vitals_.set_subscriptions(patterns_);
}

std::vector<protocol::trade> runner::trades(std::string_view symbol, std::size_t most) const {
  return history_.trades(symbol, most);
}

std::vector<protocol::bar> runner::bars(std::string_view symbol, std::string_view interval,
                                        std::size_t most) const {
  return history_.bars(symbol, interval, most);
}

std::optional<protocol::quote> runner::quote(std::string_view symbol) const {
  return history_.quote(symbol);
}

std::optional<json> runner::event(std::string_view topic) const {
  const auto text = history_.event(topic);
  if (!text) return std::nullopt;
  return json::parse(*text);
}

// ---- asking

void runner::ask(std::string_view plugin, const json& question, on_answer then,
                 std::chrono::milliseconds patience) {
  const auto id = ++last_question_;
  const bool full = open_.size() >= most_questions;
  open_.emplace(id, std::move(then));
  if (full) {
    // Answered in a turn of its own, as everything is.
    start_timer(0, 0, timer::whose::question, id);
    return;
  }
  start_timer(std::chrono::nanoseconds(patience).count(), 0, timer::whose::question, id);
  outlet_.ask(plugin, id, question.dump());
}

void runner::handle_question(const question& asked) {
  answer given;
  call("on_question",
       [&] { given = plugin_.on_question(asked.from, json::parse(asked.json_text, nullptr, false)); });
  outlet_.reply(asked.id, given.ok, given.ok ? given.value.dump() : std::move(given.error));
}

void runner::handle_answer(const answer_text& given) {
  answer outcome{given.ok, {}, {}};
  if (given.ok)
    outcome.value = json::parse(given.text, nullptr, false);
  else
    outcome.error = given.text;
  settle(given.id, outcome);
}

void runner::settle(std::uint64_t asked, const answer& outcome) {
  auto node = open_.extract(asked);
  if (node.empty() || !node.mapped()) return;
  call("on_answer", [&] { node.mapped()(outcome); });
}

// ---- timers

timer_id runner::start_timer(std::int64_t delay_ns, std::int64_t period_ns, timer::whose of,
                             std::uint64_t number) {
  const auto id = ++last_timer_;
  timers_.emplace(clocks_.steady_ns() + std::max<std::int64_t>(delay_ns, 0),
                  timer{id, period_ns, of, number});
  return id;
}

timer_id runner::every(std::chrono::nanoseconds period) {
  if (timers_.size() >= most_timers) spent_ = fmt::format("more than {} timers", most_timers);
  const auto ns = std::max<std::int64_t>(period.count(), 1'000'000);
  return start_timer(ns, ns);
}

timer_id runner::after(std::chrono::nanoseconds delay) {
  if (timers_.size() >= most_timers) spent_ = fmt::format("more than {} timers", most_timers);
  return start_timer(delay.count(), 0);
}

void runner::cancel(timer_id wanted) {
  for (auto each = timers_.begin(); each != timers_.end(); ++each)
    if (each->second.id == wanted) {
      timers_.erase(each);
      return;
    }
}

void runner::run_timers() {
  const auto limit = clocks_.steady_ns();
  while (!timers_.empty() && timers_.begin()->first <= limit) {
    auto node = timers_.extract(timers_.begin());
    const auto what = node.mapped();
    if (what.of != timer::whose::plugin) {
      run_own(what);
      continue;
    }
    if (what.period_ns > 0) {
      // One call for all that were missed, and the beat is kept.
      const auto missed = (limit - node.key()) / what.period_ns;
      node.key() += (missed + 1) * what.period_ns;
      timers_.insert(std::move(node));
    }
    call("on_timer", [&] { plugin_.on_timer(what.id); });
  }
}

void runner::run_own(const timer& what) {
  if (what.of == timer::whose::question) return settle(what.number, {false, {}, "no answer in time"});
  if (what.of == timer::whose::indicators) return desk_.look_again();
  const auto& refused = reads_.at(what.number);
  handle_past({what.number, refused.refused, refused.error, {}, 0, false, {}, {}});
}

std::optional<std::int64_t> runner::next_timer_ns() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

// ---- being seen

void runner::log(log_level level, std::string_view text) {
  if (!log_tokens_.take(clocks_.steady_ns())) return bump(vitals_.log_dropped);
  outlet_.log(level, text.substr(0, 4096));
}

void runner::count(std::string_view metric, std::uint64_t by) {
  vitals_.count(metric, by);
}

void runner::gauge(std::string_view metric, double value) {
  vitals_.gauge(metric, value);
}

}  // namespace tickcast::plugins
