#include "analytics/indicators/indicator_series.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "analytics/indicators/saved_state.hpp"

namespace tickcast::analytics::indicators {

indicator_series::indicator_series(const call& call, std::size_t revisable)
    : before_(call), now_(call), ring_(revisable) {
  if (revisable == 0) throw std::invalid_argument{"indicator_series: at least one bar must be revisable"};
  revised_.reserve(revisable * now_.outputs());
}

std::span<const double> indicator_series::update(const bar_input& bar) {
  const auto values = now_.update(bar);
  if (values.empty()) return values;
  if (count_ == ring_.size()) {
    before_.update(ring_[begin_]);
    begin_ = (begin_ + 1) % ring_.size();
    --count_;
  }
  kept(count_++) = bar;
  return values;
}

std::span<const double> indicator_series::revise(std::size_t ago, const bar_input& bar) {
  if (ago >= count_ || !is_finite(bar)) return {};
  const auto place = count_ - 1 - ago;
  kept(place) = bar;
  now_ = before_;
  revised_.clear();
  for (std::size_t i = 0; i < count_; ++i) {
    const auto values = now_.update(kept(i));
    if (i >= place) revised_.insert(revised_.end(), values.begin(), values.end());
  }
  return revised_;
}

std::span<const double> indicator_series::rewrite(std::size_t last, std::span<const bar_input> bars) {
  if (last > count_ || !std::all_of(bars.begin(), bars.end(), is_finite)) return {};
  count_ -= last;
  now_ = before_;
  for (std::size_t i = 0; i < count_; ++i) now_.update(kept(i));
  revised_.clear();
  for (const auto& each : bars) {
    const auto values = update(each);
    revised_.insert(revised_.end(), values.begin(), values.end());
  }
  return revised_;
}

std::vector<std::byte> indicator_series::save() const {
  saved_state state{now_.text()};
  state.put(ring_.size());
  state.put(count_);
  for (std::size_t i = 0; i < count_; ++i) state.put(kept(i));
  state.put_all(before_.save());
  return state.sealed();
}

protocol::expected<indicator_series> indicator_series::load(const call& call,
                                                            std::span<const std::byte> bytes) {
  auto opened = saved_state::open(call.canonical, bytes);
  if (!opened) return tl::unexpected(opened.error());
  std::size_t size = 0, count = 0;
  if (!opened->get(size) || !opened->get(count) || size == 0 || count > size || count > opened->rest().size())
    return tl::unexpected(saved_state::refused(call.canonical, "is of another version"));
  indicator_series result{call, size};
  for (; result.count_ < count; ++result.count_)
    if (!opened->get(result.kept(result.count_)))
      return tl::unexpected(saved_state::refused(call.canonical, "is of another version"));
  auto before = indicator::load(call, opened->rest());
  if (!before) return tl::unexpected(before.error());
  result.before_ = std::move(*before);
  result.now_ = result.before_;
  for (std::size_t i = 0; i < count; ++i) result.now_.update(result.kept(i));
  return result;
}

}  // namespace tickcast::analytics::indicators
