#include "actors/runtime/probe.hpp"

#include <algorithm>

namespace tickcast::actors {

std::uint64_t probe::depth() const noexcept {
  if (ended.load(std::memory_order_relaxed)) return 0;
  const auto out = received.load(std::memory_order_relaxed);
  const auto in = entered.load(std::memory_order_relaxed);
  return in > out ? in - out : 0;
}

std::int64_t probe::oldest_ns(std::int64_t now_ns) const noexcept {
  if (depth() == 0) return 0;
  return std::max<std::int64_t>(0, now_ns - watched_since_ns.load(std::memory_order_relaxed));
}

std::uint64_t probe::all_received() const noexcept {
  const auto elsewhere = received_elsewhere ? received_elsewhere->load(std::memory_order_relaxed) : 0;
  return received.load(std::memory_order_relaxed) + elsewhere;
}

std::uint64_t probe::all_sent() const noexcept {
  const auto elsewhere = sent_elsewhere ? sent_elsewhere->load(std::memory_order_relaxed) : 0;
  return sent.load(std::memory_order_relaxed) + elsewhere;
}

probe::failure probe::last_error() const {
  std::lock_guard guard{mutex_};
  return last_error_;
}

void probe::set_last_error(std::string text) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::lock_guard guard{mutex_};
  last_error_ = {std::move(text), std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

void probe_registry::add(std::shared_ptr<probe> what) {
  std::lock_guard guard{mutex_};
  const auto id = what->id;
  probes_.emplace(id, std::move(what));
}

void probe_registry::remove(const std::shared_ptr<probe>& what) {
  std::lock_guard guard{mutex_};
  probes_.erase(what->id);
}

std::vector<std::shared_ptr<const probe>> probe_registry::all() const {
  std::lock_guard guard{mutex_};
  std::vector<std::shared_ptr<const probe>> result;
  result.reserve(probes_.size());
  for (const auto& [id, each] : probes_) result.push_back(each);
  return result;
}

std::shared_ptr<const probe> probe_registry::find(std::uint64_t id) const {
  std::lock_guard guard{mutex_};
  const auto found = probes_.find(id);
  return found == probes_.end() ? nullptr : found->second;
}

}  // namespace tickcast::actors
