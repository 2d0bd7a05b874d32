#include "feeds/feed_thread.hpp"

#include <pthread.h>

#include <exception>
#include <utility>

namespace tickcast::feeds {

feed_thread::feed_thread(std::string name, std::unique_ptr<source> what, std::unique_ptr<feed_out> out)
    : name_("feed " + std::move(name)), source_(std::move(what)), out_(std::move(out)) {}

feed_thread::~feed_thread() {
  stop();
  join();
}

void feed_thread::start(task what, last_act tell) {
  stop();
  auto mine = std::make_shared<stop_signal>();
  stop_ = mine;
  thread_ = std::jthread([this, what, mine, tell = std::move(tell), before = std::move(thread_)]() mutable {
    if (before.joinable()) before.join();
    run(what, *mine, tell);
  });
}

void feed_thread::stop() noexcept {
  if (stop_) stop_->request();
}

void feed_thread::join() {
  if (thread_.joinable()) thread_.join();
}

void feed_thread::run(task what, const stop_signal& stop, const last_act& tell) noexcept {
  ::pthread_setname_np(::pthread_self(), name_.substr(0, 15).c_str());
  std::string failure;
  try {
    if (what == task::run)
      source_->run(stop, *out_);
    else
      source_->rest(stop);
  } catch (const std::exception& why) {
    failure = why.what();
    if (failure.empty()) failure = "failed without a word";
  } catch (...) {
    failure = "failed with something that is no std::exception";
  }
  tell(std::move(failure));
}

}  // namespace tickcast::feeds
