#include "plugins/runner/indicator_line.hpp"

#include <algorithm>
#include <utility>

namespace tickcast::plugins {
namespace {

using analytics::indicators::bar_input;

bool same(const bar_input& a, const bar_input& b) {
  return a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close && a.volume == b.volume;
}

void keep(std::vector<double>& to, std::span<const double> values) {
  to.assign(values.begin(), values.end());
}

}  // namespace

indicator_line::indicator_line(const std::vector<analytics::indicators::call>& calls,
                               std::shared_ptr<const analytics::calendar> hours)
    : hours_(std::move(hours)), sessions_(*hours_) {
  for (const auto& each : calls) {
    const analytics::indicators::indicator fresh(each);
    running_.push_back({fresh, fresh, {}, {}});
  }
}

bool indicator_line::take(const protocol::bar& bar) {
  const entry next{bar.time_ns,
                   {bar.open.to_double(), bar.high.to_double(), bar.low.to_double(), bar.close.to_double(),
                    bar.volume.to_double(), false},
                   sessions_.at(bar.time_ns).day};
  const bool newer = ring_.empty() ? !shed_ : next.time_ns > ring_.back().time_ns;
  if (!bar.closed) {
    // What is closed does not form again.
    if (!newer) return true;
    // The one before is over, though nobody has said so.
    if (forming_ && forming_->time_ns < next.time_ns) append(*std::exchange(forming_, std::nullopt));
    forming_ = next;
  } else {
    if (newer && forming_ && forming_->time_ns < next.time_ns) append(*forming_);
    if (forming_ && forming_->time_ns <= next.time_ns) forming_.reset();
    if (newer)
      append(next);
    else if (!revise(next))
      return false;
  }
  peek();
  return true;
}

bool indicator_line::begins_a_day(std::size_t at) const {
  if (at == 0) return shed_ ? ring_[0].bar.anchor : true;
  return ring_[at].day != ring_[at - 1].day;
}

void indicator_line::append(const entry& next) {
  if (ring_.size() == revisable) {
    for (auto& each : running_) each.before.update(ring_.front().bar);
    // The one behind it knows already whether it begins a day.
    ring_.pop_front();
    shed_ = true;
  }
  ring_.push_back(next);
  ring_.back().bar.anchor = begins_a_day(ring_.size() - 1);
  for (auto& each : running_) keep(each.closed, each.now.update(ring_.back().bar));
}

bool indicator_line::revise(const entry& next) {
  const auto at = std::lower_bound(ring_.begin(), ring_.end(), next.time_ns,
                                   [](const entry& each, std::int64_t ns) { return each.time_ns < ns; });
  if (at->time_ns == next.time_ns) {
    if (same(at->bar, next.bar)) return true;
    const bool anchor = at->bar.anchor;
    at->bar = next.bar;
    at->bar.anchor = anchor;
    replay();
    return true;
  }
  if (at == ring_.begin() && shed_) return false;
  const auto place = static_cast<std::size_t>(at - ring_.begin());
  ring_.insert(at, next);
  for (auto i = place; i < std::min(place + 2, ring_.size()); ++i) ring_[i].bar.anchor = begins_a_day(i);
  if (ring_.size() > revisable) {
    for (auto& each : running_) each.before.update(ring_.front().bar);
    ring_.pop_front();
    shed_ = true;
  }
  replay();
  return true;
}

void indicator_line::replay() {
  for (auto& each : running_) {
    each.now = each.before;
    for (const auto& bar : ring_) keep(each.closed, each.now.update(bar.bar));
  }
}

void indicator_line::peek() {
  if (!forming_) return;
  forming_->bar.anchor = ring_.empty() || forming_->day != ring_.back().day;
  for (auto& each : running_) keep(each.forming, each.now.peek(forming_->bar));
}

}  // namespace tickcast::plugins
