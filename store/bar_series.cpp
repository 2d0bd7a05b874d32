#include "store/bar_series.hpp"

#include <algorithm>

namespace tickcast::store {
namespace {

constexpr auto before = [](const protocol::bar& value, std::int64_t time_ns) {
  return value.time_ns < time_ns;
};

}  // namespace

auto bar_series::put(const protocol::bar& value) -> put_as {
  if (value.time_ns < complete_from_ns_) return put_as::below;
  if (bars_.empty() || bars_.back().time_ns < value.time_ns) {
    bars_.push_back(value);
    return put_as::fresh;
  }
  const auto at = std::lower_bound(bars_.begin(), bars_.end(), value.time_ns, before);
  if (at->time_ns != value.time_ns) {
    bars_.insert(at, value);
    return put_as::fresh;
  }
  if (at->rev > value.rev) return put_as::outdated;
  *at = value;
  return put_as::revision;
}

std::vector<protocol::bar> bar_series::view(const range& which) const {
  auto first = std::lower_bound(bars_.begin(), bars_.end(), which.from_ns, before);
  auto last = std::lower_bound(first, bars_.end(), which.to_ns, before);
  const auto most = static_cast<std::ptrdiff_t>(std::min(which.limit, bars_.size()));
  if (last - first > most)
    (which.which == keep::newest ? first : last) = which.which == keep::newest ? last - most : first + most;
  return {first, last};
}

void bar_series::set_complete_from(std::int64_t time_ns) {
  complete_from_ns_ = time_ns;
  bars_.erase(bars_.begin(), std::lower_bound(bars_.begin(), bars_.end(), time_ns, before));
}

}  // namespace tickcast::store
