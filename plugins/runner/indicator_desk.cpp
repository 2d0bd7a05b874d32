#include "plugins/runner/indicator_desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tickcast::plugins {
namespace {

std::string topic_of(std::string_view symbol, std::string_view interval) {
  if (!protocol::is_valid_symbol(symbol))
    throw std::invalid_argument(fmt::format("\"{}\" is no symbol", symbol));
  if (!protocol::parse_interval(interval))
    throw std::invalid_argument(
        fmt::format("\"{}\" is no interval; write 1m, 1d, 100t or 1m@bid, for example", interval));
  return fmt::format("bar.{}.{}", interval, symbol);
}

}  // namespace

hours_finder round_the_clock() {
  return [always = std::make_shared<const analytics::calendar>()](const std::string&) { return always; };
}

struct indicator_desk::slot final : computed {
  const std::vector<std::string>& outputs() const noexcept override { return names; }
  bool ready() const noexcept override { return is_ready; }
  std::span<const double> now() const noexcept override { return now_values; }
  std::span<const double> closed() const noexcept override { return closed_values; }
  std::int64_t time_ns() const noexcept override { return now_time_ns; }
  std::int64_t closed_time_ns() const noexcept override { return last_closed_ns; }

  std::string spelled;
  std::vector<std::string> names;
  bool is_ready = false;
  std::vector<double> now_values, closed_values;
  std::int64_t now_time_ns = 0, last_closed_ns = 0;
};

indicator indicator_desk::add(std::string_view symbol, std::string_view interval, std::string_view call) {
  const auto topic = topic_of(symbol, interval);
  auto parsed = analytics::indicators::parse_call(call);
  if (!parsed) throw std::invalid_argument(parsed.error().message);
  auto found = lines_.find(topic);
  if (found != lines_.end())
    for (const auto& each : found->second.slots)
      if (each->spelled == call) return indicator(each);
  if (count_ >= most_indicators)
    throw std::invalid_argument(fmt::format("more than {} indicators", most_indicators));
  if (found == lines_.end()) {
    const topic_ref ref(protocol::parse_topic(topic).value());
    found = lines_.emplace(topic, line(ref, ways_.hours(ref.symbol))).first;
  }
  auto made = std::make_shared<slot>();
  made->spelled = call;
  made->names = parsed->outputs();
  auto& of = found->second;
  of.calls.push_back(std::move(*parsed));
  of.slots.push_back(made);
  ++count_;
  // What is computed already goes on while all of it is made anew from the first bar.
  if (of.now || of.next) seed(of);
  return indicator(made);
}

void indicator_desk::begin(const std::string& topic) {
  const auto found = lines_.find(topic);
  if (found != lines_.end() && !found->second.now && !found->second.next) seed(found->second);
}

void indicator_desk::seed(line& of) {
  of.next.emplace(of.calls, of.hours);
  ask(of, past{}.from_ns);
}

void indicator_desk::ask(line& of, std::int64_t from_ns) {
  of.wanted = past::between(from_ns, past{}.to_ns, piece);
  of.asked = ++last_question_ | desk_bit;
  of.tries_again = false;
  ways_.read({of.asked, of.of.topic, of.wanted});
}

bool indicator_desk::hold(const message& what) {
  const auto found = lines_.find(what.topic->topic);
  if (found == lines_.end() || !found->second.holds) return false;
  auto& of = found->second;
  of.holds = of.held.size() < most_held;
  if (of.holds) of.held.push_back(what);
  return of.holds;
}

std::vector<message> indicator_desk::released(std::string_view topic) {
  const auto found = lines_.find(topic);
  if (found == lines_.end() || found->second.holds) return {};
  return std::exchange(found->second.held, {});
}

void indicator_desk::take(const message& what) {
  const auto found = lines_.find(what.topic->topic);
  if (found == lines_.end() || !found->second.now) return;
  auto& of = found->second;
  bool fits = true;
  if (const auto* bar = std::get_if<protocol::bar>(&what.what)) {
    fits = of.now->take(*bar);
  } else if (const auto* whole = std::get_if<std::shared_ptr<const topic_history>>(&what.what)) {
    const auto& bars = (*whole)->bars;
    // Bars may be missing between what was taken and what is told.
    const auto last_ns = of.now->last_closed_ns();
    fits = bars.empty() || last_ns == indicator_line::none || bars.front().time_ns <= last_ns;
    for (const auto& each : bars) fits = fits && of.now->take(each);
  }
  show(of);
  if (!fits && !of.next) seed(of);
}

std::vector<message> indicator_desk::take_past(const past_answer& given) {
  const auto found = std::find_if(lines_.begin(), lines_.end(),
                                  [&](const auto& each) { return each.second.asked == given.id; });
  if (found == lines_.end() || !found->second.next) return {};
  auto& of = found->second;
  if (given.code == past_error::busy) {
    of.tries_again = true;
    ways_.look_soon();
    return {};
  }
  if (given.code != past_error::none) {
    ways_.complain(fmt::format("indicators of {} begin without its history: {}", of.of.topic, given.error));
    of.next.emplace(of.calls, of.hours);  // no hole within
  }
  for (const auto& each : given.bars) of.next->take(each);
  const auto told = ways_.told(of.of);
  const bool hole = !given.bars.empty() && !told.empty() &&
                    told.front().time_ns > std::max(of.next->last_closed_ns(), of.next->now_ns());
  if (given.more || hole) {
    // What formed then is asked for once more, as it closed.
    const auto& last = given.bars.back();
    ask(of, last.closed || given.bars.size() == 1 ? last.time_ns + 1 : last.time_ns);
    return {};
  }
  for (const auto& each : told) of.next->take(each);
  settle(of);
  return std::exchange(of.held, {});
}

void indicator_desk::settle(line& of) {
  of.now = std::exchange(of.next, std::nullopt);
  of.shown = of.slots.size();
  of.asked = 0;
  of.holds = false;
  for (auto& each : of.slots) each->is_ready = true;
  show(of);
}

void indicator_desk::show(line& of) {
  const auto time_of = [](std::int64_t ns) { return ns == indicator_line::none ? 0 : ns; };
  for (std::size_t i = 0; i < of.shown; ++i) {
    auto& to = *of.slots[i];
    const auto now = of.now->now(i), closed = of.now->closed(i);
    to.now_values.assign(now.begin(), now.end());
    to.closed_values.assign(closed.begin(), closed.end());
    to.now_time_ns = time_of(of.now->now_ns());
    to.last_closed_ns = time_of(of.now->last_closed_ns());
  }
}

void indicator_desk::look_again() {
  for (auto& [topic, of] : lines_)
    if (of.tries_again) ask(of, of.wanted.from_ns);
}

void indicator_desk::forget(std::string_view topic) {
  const auto found = lines_.find(topic);
  if (found == lines_.end()) return;
  count_ -= found->second.slots.size();
  lines_.erase(found);
}

}  // namespace tickcast::plugins
