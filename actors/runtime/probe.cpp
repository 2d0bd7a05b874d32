#include "actors/runtime/probe.hpp"

namespace tickcast::actors {

std::string probe::last_error() const {
  std::lock_guard guard{mutex_};
  return last_error_;
}

void probe::set_last_error(std::string text) {
  std::lock_guard guard{mutex_};
  last_error_ = std::move(text);
}

void probe_registry::add(std::shared_ptr<probe> what) {
  std::lock_guard guard{mutex_};
  probes_.insert(std::move(what));
}

void probe_registry::remove(const std::shared_ptr<probe>& what) {
  std::lock_guard guard{mutex_};
  probes_.erase(what);
}

std::vector<std::shared_ptr<const probe>> probe_registry::all() const {
  std::lock_guard guard{mutex_};
  return {probes_.begin(), probes_.end()};
}

}  // namespace tickcast::actors
