#include "plugins/runner/history.hpp"

#include <algorithm>

namespace tickcast::plugins {
namespace {

template <class T>
std::vector<T> last(const std::deque<T>& of, std::size_t most) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, of.size()));
  return {of.end() - count, of.end()};
}

void enter(std::deque<protocol::bar>& bars, const protocol::bar& next) {
  // From the end: only revisions are of older bars.
  auto at = bars.end();
  while (at != bars.begin() && (at - 1)->time_ns > next.time_ns) --at;
  if (at != bars.begin() && (at - 1)->time_ns == next.time_ns) {
    *(at - 1) = next;
    return;
  }
  if (at == bars.begin() && bars.size() >= history::most_bars) return;
  bars.insert(at, next);
  if (bars.size() > history::most_bars) bars.pop_front();
}

}  // namespace

void history::set(const topic_ref& of, std::uint64_t seq, const topic_history& whole) {
  auto& to = entries_[of.topic];
  to.seq = seq;
  to.trades.assign(whole.trades.begin(), whole.trades.end());
  to.bars.assign(whole.bars.begin(), whole.bars.end());
  to.quote = whole.quote;
  to.event = whole.event;
}

bool history::add(const message& update) {
  auto& to = entries_[update.topic->topic];
  if (update.seq <= to.seq) return false;
  to.seq = update.seq;
  if (const auto* trade = std::get_if<protocol::trade>(&update.what)) {
    to.trades.push_back(*trade);
    if (to.trades.size() > most_trades) to.trades.pop_front();
  } else if (const auto* quote = std::get_if<protocol::quote>(&update.what)) {
    to.quote = *quote;
  } else if (const auto* bar = std::get_if<protocol::bar>(&update.what)) {
    enter(to.bars, *bar);
  } else if (const auto* text = std::get_if<std::shared_ptr<const std::string>>(&update.what)) {
    to.event = *text;
  }
  return true;
}

void history::forget(std::string_view topic) {
  if (const auto found = entries_.find(topic); found != entries_.end()) entries_.erase(found);
}

const history::entry* history::find(std::string_view topic) const {
  const auto found = entries_.find(topic);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<protocol::trade> history::trades(std::string_view symbol, std::size_t most) const {
  const auto* of = find("trade." + std::string(symbol));
  return of ? last(of->trades, most) : std::vector<protocol::trade>{};
}

std::vector<protocol::bar> history::bars(std::string_view symbol, std::string_view interval,
                                         std::size_t most) const {
  const auto* of = find("bar." + std::string(interval) + "." + std::string(symbol));
  return of ? last(of->bars, most) : std::vector<protocol::bar>{};
}

std::optional<protocol::quote> history::quote(std::string_view symbol) const {
  const auto* of = find("quote." + std::string(symbol));
  return of ? of->quote : std::nullopt;
}

std::shared_ptr<const std::string> history::event(std::string_view topic) const {
  const auto* of = find(topic);
  return of ? of->event : nullptr;
}

bool history::knows(std::string_view topic) const {
  return find(topic) != nullptr;
}

std::vector<std::string> history::topics() const {
  std::vector<std::string> result;
  for (const auto& [name, unused] : entries_) result.push_back(name);
  return result;
}

}  // namespace tickcast::plugins
