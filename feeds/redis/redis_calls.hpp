#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/runtime/probe.hpp"
#include "actors/users/errands.hpp"
#include "actors/users/messages.hpp"
#include "config/config.hpp"

namespace tickcast::feeds {

struct redis_call_counters {
  std::atomic<std::uint64_t> pushed{0};           ///< to their lists
  std::atomic<std::uint64_t> waiting{0};          ///< now, for Redis
  std::atomic<std::uint64_t> open{0};             ///< now, without an answer
  std::atomic<std::uint64_t> refused{0};          ///< too many wait, or Redis did not take them
  std::atomic<std::uint64_t> overdue{0};          ///< not answered in time
  std::atomic<std::uint64_t> answers_unknown{0};  ///< to calls that were not open
};

/// Clients' messages on their way to backends' lists: the waiting room before Redis, at most redis.waiting of
/// them, and those that wait for an answer, at most service.calls, each for service.call_ms.
///
/// Any thread. Names of calls are never those of an earlier life of the server: what a backend answers late
/// must not reach somebody else.
class redis_calls {
public:
  using clock = std::chrono::steady_clock;

  /// `settings` outlives it.
  explicit redis_calls(const config::config& settings);
  ~redis_calls();
  redis_calls(const redis_calls&) = delete;
  redis_calls& operator=(const redis_calls&) = delete;

  /// Takes a message for the list that has claimed its type, or refuses it.
  void put(const actors::client_call& what, clock::time_point now);
  /// An eventfd, readable when messages have come since take().
  int fd() const noexcept { return fd_; }

  struct outgoing {
    std::uint64_t number;  ///< of the call; 0: nobody waits for an answer
    std::string list;
    std::string payload;
  };
  /// The oldest of those that wait for Redis.
  std::vector<outgoing> take(std::size_t most);
  void was_pushed() noexcept { actors::bump(counters_.pushed); }
  /// Redis did not take it.
  void was_refused(std::uint64_t number, std::string why);
  /// A backend answers. False: there is no such call, or not any more.
  bool answer(std::string_view id, actors::call_result what);
  /// Ends calls whose time is over.
  void expire(clock::time_point now);

  const redis_call_counters& counters() const noexcept { return counters_; }

private:
  struct open_call {
    std::shared_ptr<actors::call_errand> back;
    bool taken = false;  ///< it may be in Redis
  };
  std::shared_ptr<actors::call_errand> close(std::uint64_t number);
  std::string encode(const actors::client_call& what, std::uint64_t number) const;
  void count();

  const config::config& settings_;
  const std::string prefix_;  ///< of the names of calls
  const int fd_;
  redis_call_counters counters_;
  std::mutex mutex_;  // of what follows
  std::deque<outgoing> waiting_;
  std::unordered_map<std::uint64_t, open_call> open_;
  std::deque<std::pair<clock::time_point, std::uint64_t>> by_age_;
  std::uint64_t last_ = 0;
};

}  // namespace tickcast::feeds
