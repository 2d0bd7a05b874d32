#include "plugins/runner/inbox.hpp"

#include <algorithm>
#include <utility>

namespace tickcast::plugins {

bool inbox::put(message&& what) {
  const std::lock_guard guard{mutex_};
  if (what.is_update()) {
    if (updates_ >= bound_) drop_oldest();
    ++updates_;
  } else if (!what.topic && waiting_.size() - updates_ >= most_others) {
    return false;
  }
  waiting_.push_back(std::move(what));
  vitals_->waiting.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void inbox::drop_oldest() {
  const auto oldest =
      std::find_if(waiting_.begin(), waiting_.end(), [](const message& each) { return each.is_update(); });
  lossy_.insert(oldest->topic->topic);
  waiting_.erase(oldest);
  --updates_;
  ++dropped_untold_;
  lost(1);
}

void inbox::wake() {
  const std::lock_guard guard{wake_mutex_};
  if (wake_) wake_();
}

void inbox::on_wake(std::function<void()> call) {
  const std::lock_guard guard{wake_mutex_};
  wake_ = std::move(call);
}

std::uint64_t inbox::take(std::vector<message>& to, std::size_t most) {
  const std::lock_guard guard{mutex_};
  const auto count = std::min(most, waiting_.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (waiting_.front().is_update()) --updates_;
    to.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return std::exchange(dropped_untold_, 0);
}

std::vector<std::string> inbox::lossy_topics() {
  const std::lock_guard guard{mutex_};
  if (!waiting_.empty() || lossy_.empty()) return {};
  std::vector<std::string> result(lossy_.begin(), lossy_.end());
  lossy_.clear();
  return result;
}

void inbox::tell_lost(std::uint64_t updates) {
  const std::lock_guard guard{mutex_};
  dropped_untold_ += updates;
}

bool inbox::empty() const {
  const std::lock_guard guard{mutex_};
  return waiting_.empty();
}

inbox::~inbox() {
  handled(waiting_.size() - updates_);
  lost(updates_);
}

void inbox::handled(std::size_t count) noexcept {
  vitals_->waiting.fetch_sub(count, std::memory_order_relaxed);
}

void inbox::lost(std::size_t updates) noexcept {
  vitals_->waiting.fetch_sub(updates, std::memory_order_relaxed);
  vitals_->dropped.fetch_add(updates, std::memory_order_relaxed);
}

}  // namespace tickcast::plugins
