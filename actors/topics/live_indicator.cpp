#include "actors/topics/live_indicator.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tickcast::actors {
namespace {

using analytics::indicators::bar_input;

constexpr auto nothing_changed = std::numeric_limits<std::int64_t>::max();

bool same_bits(const protocol::indicator_point& a, const protocol::indicator_point& b) noexcept {
  return a.time_ns == b.time_ns && std::memcmp(a.values.data(), b.values.data(), sizeof a.values) == 0;
}

/// Behind the last bar that will only change by a revision: a feed's own last bar may still form.
auto settled_end(const bar_view& of) {
  return of.bars.empty() || of.bars.back().closed ? of.bars.end() : of.bars.end() - 1;
}

auto bar_from(const bar_view& of, std::int64_t time_ns) {
  return std::lower_bound(of.bars.begin(), settled_end(of), time_ns,
                          [](const protocol::bar& bar, std::int64_t ns) { return bar.time_ns < ns; });
}

/// The oldest bar in which `now` differs from what a seed has taken.
std::int64_t first_difference(const bar_view& taken, const bar_view& now) {
  for (auto at = now.bars.begin(); at != settled_end(now); ++at) {
    const auto* before = taken.find(at->time_ns);
    if (!before || *before != *at) return at->time_ns;
  }
  return nothing_changed;
}

}  // namespace

live_indicator::topic& live_indicator::add_topic(std::string name, const analytics::indicators::call& spelled,
                                                 indicator_seat seat) {
  auto names = std::make_shared<const std::vector<std::string>>(spelled.outputs());
  topics_.push_back(std::make_unique<topic>(topic{stream(std::move(name)),
                                                  std::move(names),
                                                  std::move(seat),
                                                  stage_ == stage::following ? make_epoch() : std::string{},
                                                  {}}));
  return *topics_.back();
}

bool live_indicator::has_listeners() const noexcept {
  return std::any_of(topics_.begin(), topics_.end(),
                     [](const auto& each) { return each->out.has_listeners(); });
}

// ---- seeding

void live_indicator::drop_state() noexcept {
  stage_ = stage::due;
  seed_.reset();
  forming_.reset();
  for (auto& each : topics_) each->epoch.clear();
}

std::uint64_t live_indicator::begin_seed() noexcept {
  stage_ = stage::under_way;
  missed_ns_ = nothing_changed;
  return ++seeding_;
}

bool live_indicator::fail_seed(std::uint64_t number) noexcept {
  if (stage_ != stage::under_way || number != seeding_) return false;
  stage_ = stage::due;
  return !std::exchange(failed_, true);
}

bool live_indicator::adopt(std::uint64_t number, indicator_seed&& seed, const bar_view& closed,
                           const std::optional<protocol::bar>& forming, analytics::anchored_bars& anchored) {
  if (stage_ != stage::under_way || number != seeding_) return false;
  drop_state();
  // What no longer stands among the closed bars has changed since, or may have.
  if (!closed.bars.empty() && missed_ns_ < closed.bars.begin()->time_ns) return false;
  // It was stored while it formed, and the seed has taken it for closed.
  if (forming && seed.tail.find(forming->time_ns)) return false;
  const auto changed_ns = first_difference(seed.tail, closed);
  seed_ = std::move(seed);
  seed_->tail = {};
  if (!catch_up(changed_ns, closed, anchored)) {
    drop_state();
    return false;
  }
  stage_ = stage::following;
  failed_ = false;
  look(forming, anchored);
  for (auto& each : topics_) each->epoch = make_epoch();
  return true;
}

// ---- following

std::optional<std::int64_t> live_indicator::last_ns() const noexcept {
  return seed_->recent.empty() ? std::nullopt : std::optional(seed_->recent.back().time_ns);
}

bool live_indicator::catch_up(std::int64_t changed_ns, const bar_view& closed,
                              analytics::anchored_bars& anchored) {
  news_.clear();
  const auto last = last_ns();
  if (last && changed_ns <= *last) return revise(changed_ns, closed, anchored);
  auto at = last ? bar_from(closed, *last + 1) : closed.bars.begin();
  anchored.go_behind(last);
  for (; at != settled_end(closed); ++at) {
    news_.push_back(point_of(at->time_ns, true, seed_->state.update(anchored.next(*at))));
    seed_->recent.push_back(news_.back());
  }
  return true;
}

bool live_indicator::revise(std::int64_t changed_ns, const bar_view& closed,
                            analytics::anchored_bars& anchored) {
  auto& recent = seed_->recent;
  const auto first = std::lower_bound(
      recent.begin(), recent.end(), changed_ns,
      [](const protocol::indicator_point& point, std::int64_t ns) { return point.time_ns < ns; });
  const auto taken = static_cast<std::size_t>(recent.end() - first);
  auto at = bar_from(closed, changed_ns);
  const bool is_first_of_all = first == recent.begin() && !recent.full();
  if (at == settled_end(closed) || at->time_ns != changed_ns) return false;
  if (taken > seed_->state.revisable() || (first == recent.begin() && !is_first_of_all)) return false;
  anchored.go_behind(is_first_of_all ? std::nullopt : std::optional((first - 1)->time_ns));
  std::vector<bar_input> bars;
  for (auto each = at; each != settled_end(closed); ++each) bars.push_back(anchored.next(*each));
  const auto values = seed_->state.rewrite(taken, bars);
  const std::vector<protocol::indicator_point> before(first, recent.end());
  recent.erase(first, recent.end());
  const auto outputs = seed_->state.outputs();
  auto old = before.begin();
  for (std::size_t i = 0; i < bars.size(); ++i, ++at) {
    const auto point = point_of(at->time_ns, true, values.subspan(i * outputs, outputs));
    while (old != before.end() && old->time_ns < point.time_ns) ++old;
    if (old == before.end() || !same_bits(*old, point)) news_.push_back(point);
    recent.push_back(point);
  }
  return true;
}

void live_indicator::look(const std::optional<protocol::bar>& forming, analytics::anchored_bars& anchored) {
  forming_.reset();
  if (!forming) return;
  anchored.go_behind(last_ns());
  forming_ = point_of(forming->time_ns, false, seed_->state.peek(anchored.peek(*forming)));
}

void live_indicator::follow(std::int64_t changed_ns, const bar_view& closed,
                            const std::optional<protocol::bar>& forming, analytics::anchored_bars& anchored,
                            std::uint16_t feed, const turn& now) {
  if (stage_ != stage::following) {
    missed_ns_ = std::min(missed_ns_, changed_ns);
    return;
  }
  if (!catch_up(changed_ns, closed, anchored)) return drop_state();
  look(forming, anchored);
  for (const auto& each : news_) publish(each, feed, now);
  if (forming_) publish(*forming_, feed, now);
}

void live_indicator::publish(const protocol::indicator_point& point, std::uint16_t feed, const turn& now) {
  for (auto& each : topics_) {
    const auto made = each->out.prepare(indicator_change{each->names, point}, feed, now.now_ns);
    each->out.commit();
    each->out.hand_out(made, now.sink);
  }
}

indicator_view live_indicator::view(const topic& of) const {
  indicator_view result(of.names);
  if (stage_ != stage::following) return result;
  if (!seed_->recent.empty()) result.put(of.names, seed_->recent.back());
  if (forming_) result.put(of.names, *forming_);
  return result;
}

}  // namespace tickcast::actors
