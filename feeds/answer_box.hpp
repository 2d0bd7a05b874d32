#pragma once
#include <functional>
#include <mutex>
#include <utility>

#include "actors/runtime/host.hpp"

namespace tickcast::feeds {

/// The way of answers to the thread of a host that ends before some of those who may still answer. Any
/// thread.
class answer_box {
public:
  explicit answer_box(actors::host& to) : to_(&to) {}

  /// Runs it on the host's thread; dropped when the box is closed.
  void post(std::function<void()> what) {
    const std::lock_guard guard{mutex_};
    if (to_) to_->post(std::move(what));
  }
  void close() {
    const std::lock_guard guard{mutex_};
    to_ = nullptr;
  }

private:
  std::mutex mutex_;
  actors::host* to_;
};

}  // namespace tickcast::feeds
