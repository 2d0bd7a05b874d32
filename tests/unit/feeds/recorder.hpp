#pragma once
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "feeds/source.hpp"

namespace tickcast::feeds::test {

struct got {
  std::string symbol;  ///< or the topic, for events
  std::variant<protocol::trade, protocol::trade_amendment, protocol::quote, protocol::bar, std::string> value;
  std::optional<std::uint64_t> feed_seq;

  const protocol::trade& trade() const { return std::get<protocol::trade>(value); }
  const protocol::quote& quote() const { return std::get<protocol::quote>(value); }
};

/// A feed_out that keeps what it is given, and grants credit as the test says.
class recorder final : public feed_out, private protocol::feed_sink {
public:
  recorder() : credit_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~recorder() override { ::close(credit_fd_); }

  protocol::feed_sink& sink() override { return *this; }
  void flush() override { flushes_.fetch_add(1); }
  bool may_read() override {
    const std::lock_guard lock(mutex_);
    std::uint64_t drained = 0;
    [[maybe_unused]] const auto n = ::read(credit_fd_, &drained, sizeof drained);
    if (items_.size() < credit_) return true;
    ++refusals_to_read_;
    changed_.notify_all();
    return false;
  }
  int credit_fd() const override { return credit_fd_; }

  void grant_up_to(std::size_t items) {
    const std::lock_guard lock(mutex_);
    credit_ = items;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n = ::write(credit_fd_, &one, sizeof one);
  }
  /// Every item from this one on (counted from 1) throws.
  void throw_at(std::size_t item) { throw_at_ = item; }

  template <class Predicate>
  bool wait(Predicate predicate) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return predicate(*this); });
  }
  bool wait_for_items(std::size_t count) {
    return wait([&](const recorder& r) { return r.items_.size() >= count; });
  }
  bool wait_for_refused(std::size_t count) {
    return wait([&](const recorder& r) { return r.refused_.size() >= count; });
  }
  /// Until the source has asked for credit and got none.
  bool wait_until_out_of_credit() {
    return wait([&](const recorder& r) { return r.refusals_to_read_ > 0; });
  }

  std::vector<got> items() const {
    const std::lock_guard lock(mutex_);
    return items_;
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }
  std::vector<protocol::error> refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }
  std::size_t flushes() const { return flushes_.load(); }

private:
  void keep(got&& item) {
    const std::lock_guard lock(mutex_);
    if (items_.size() + 1 == throw_at_) {
      throw_at_ = 0;
      throw std::runtime_error("the test says so");
    }
    items_.push_back(std::move(item));
    changed_.notify_all();
  }
  void on_trade(std::string_view symbol, protocol::trade&& value, std::optional<std::uint64_t> seq) override {
    keep({std::string(symbol), std::move(value), seq});
  }
  void on_amendment(std::string_view symbol, protocol::trade_amendment&& value,
                    std::optional<std::uint64_t> seq) override {
    keep({std::string(symbol), std::move(value), seq});
  }
  void on_quote(std::string_view symbol, protocol::quote&& value, std::optional<std::uint64_t> seq) override {
    keep({std::string(symbol), std::move(value), seq});
  }
  void on_bar(std::string_view symbol, std::string_view, protocol::bar&& value,
              std::optional<std::uint64_t> seq) override {
    keep({std::string(symbol), std::move(value), seq});
  }
  void on_event(std::string_view topic, std::string&& data, std::optional<std::uint64_t> seq) override {
    keep({std::string(topic), std::move(data), seq});
  }
  void on_refused(protocol::error&& why, std::optional<std::uint64_t>) override {
    const std::lock_guard lock(mutex_);
    refused_.push_back(std::move(why));
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<got> items_;
  std::vector<protocol::error> refused_;
  std::size_t credit_ = static_cast<std::size_t>(-1);
  std::size_t refusals_to_read_ = 0;
  std::size_t throw_at_ = 0;
  std::atomic<std::size_t> flushes_{0};
  int credit_fd_;
};

/// Runs a source on a thread as the feed actor does; stops and joins it.
class running {
public:
  running(source& what, feed_out& out)
      : thread_([this, &what, &out] {
          try {
            what.run(stop_, out);
          } catch (const std::exception& why) {
            failure_ = why.what();
          }
          ended_.store(true);
          ended_.notify_all();
        }) {}
  ~running() { stop(); }

  void stop() {
    stop_.request();
    join();
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  bool ended() const { return ended_.load(); }
  const std::string& failure() const { return failure_; }  ///< after join()

private:
  stop_signal stop_;
  std::string failure_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace tickcast::feeds::test
