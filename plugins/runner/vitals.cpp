#include "plugins/runner/vitals.hpp"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <utility>

namespace tickcast::plugins {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

bool is_metric_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  });
}

}  // namespace

std::size_t handler_times::class_of(std::int64_t ns) noexcept {
  if (ns < 4) return 0;
  const auto value = static_cast<std::uint64_t>(ns);
  const auto octave = static_cast<std::size_t>(std::bit_width(value) - 1);
  const auto quarter = static_cast<std::size_t>((value >> (octave - 2)) & 3);
  return std::min<std::size_t>(4 * (octave - 2) + quarter + 1, 4 * 44 - 1);
}

void handler_times::add(std::int64_t ns) noexcept {
  auto& its = classes_[class_of(ns)];
  its.store(its.load(relaxed) + 1, relaxed);
  if (ns > longest_.load(relaxed)) longest_.store(ns, relaxed);
}

std::uint64_t handler_times::total() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& each : classes_) sum += each.load(relaxed);
  return sum;
}

std::int64_t handler_times::quantile_ns(double q) const noexcept {
  const auto all = total();
  if (all == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(all)));
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    sum += classes_[i].load(relaxed);
    if (sum < wanted) continue;
    if (i == 0) return 4;
    const auto octave = (i - 1) / 4 + 2;
    const auto quarter = (i - 1) % 4;
    const auto bound = static_cast<std::int64_t>((std::uint64_t{5} + quarter) << (octave - 2));
    return std::min(bound, longest_ns());
  }
  return longest_ns();
}

std::vector<std::pair<std::size_t, std::uint64_t>> handler_times::classes() const {
  std::vector<std::pair<std::size_t, std::uint64_t>> result;
  for (std::size_t i = 0; i < classes_.size(); ++i)
    if (const auto count = classes_[i].load(relaxed); count > 0) result.emplace_back(i, count);
  return result;
}

void handler_times::merge(std::size_t its_class, std::uint64_t more) noexcept {
  if (its_class < classes_.size()) classes_[its_class].fetch_add(more, relaxed);
}

void handler_times::merge_longest(std::int64_t ns) noexcept {
  if (ns > longest_.load(relaxed)) longest_.store(ns, relaxed);
}

bool vitals::may_have(std::string_view name) {
  if (is_metric_name(name) && counters_.size() + gauges_.size() < most_metrics) return true;
  metrics_refused.store(metrics_refused.load(relaxed) + 1, relaxed);
  return false;
}

void vitals::count(std::string_view name, std::uint64_t by) {
  const std::lock_guard guard{mutex_};
  if (const auto found = counters_.find(name); found != counters_.end())
    found->second += by;
  else if (may_have(name))
    counters_.emplace(name, by);
}

void vitals::gauge(std::string_view name, double value) {
  const std::lock_guard guard{mutex_};
  if (const auto found = gauges_.find(name); found != gauges_.end())
    found->second = value;
  else if (may_have(name))
    gauges_.emplace(name, value);
}

std::map<std::string, std::uint64_t, std::less<>> vitals::counters() const {
  const std::lock_guard guard{mutex_};
  return counters_;
}

std::map<std::string, double, std::less<>> vitals::gauges() const {
  const std::lock_guard guard{mutex_};
  return gauges_;
}

void vitals::set_subscriptions(std::vector<std::string> patterns) {
  const std::lock_guard guard{mutex_};
  subscriptions_ = std::move(patterns);
}

std::vector<std::string> vitals::subscriptions() const {
  const std::lock_guard guard{mutex_};
  return subscriptions_;
}

}  // namespace tickcast::plugins
