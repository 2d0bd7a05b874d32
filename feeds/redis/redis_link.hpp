#pragma once
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "access/redis_sessions.hpp"

struct redisAsyncContext;
struct redisReply;

namespace tickcast::feeds {

/// A connection to Redis by hiredis. Commands that are sent are under way at once and answered in their
/// order. It signs in, chooses the database, and comes back by itself, with a back-off of up to a second,
/// when it breaks or an answer takes longer than the patience.
///
/// One thread, which waits for wants() and then calls work(). What takers, listeners and events throw leaves
/// work().
class redis_link {
public:
  using clock = std::chrono::steady_clock;
  /// Gets what Redis says; null: the connection went before that, and it may have been done or not.
  using taker = std::function<void(const redisReply*)>;
  /// Of a channel.
  using listener = std::function<void(std::string_view payload)>;
  struct events {
    std::function<void()> up;    ///< commands may be sent
    std::function<void()> down;  ///< after each taker got its null
  };

  redis_link(access::redis_address where, std::chrono::milliseconds patience, events tell);
  ~redis_link();
  redis_link(const redis_link&) = delete;
  redis_link& operator=(const redis_link&) = delete;

  void send(std::initializer_list<std::string_view> words, taker done);
  /// Subscribes to channels, and to patterns where a name has one of `*?[`; for a link that does nothing
  /// else.
  void listen(const std::vector<std::string>& channels, listener heard);

  bool up() const noexcept { return up_; }
  /// There is a connection, or one is being made.
  bool exists() const noexcept { return link_ != nullptr; }
  /// Commands without an answer yet.
  std::size_t waiting() const noexcept { return sent_.size(); }
  /// Why it is not up, for people; never a password.
  const std::string& problem() const noexcept { return problem_; }
  /// Attempts to connect that failed.
  std::uint64_t failures() const noexcept { return failures_; }

  /// What to wait for; a negative descriptor: nothing but the time. Without `reading`, answers wait.
  pollfd wants(bool reading = true) const noexcept;
  /// Does what can be done now; connects where it is not. `found`: what poll has found for wants().
  void work(short found, clock::time_point now);
  /// When work() is wanted at the latest.
  clock::time_point next(clock::time_point now) const noexcept;
  /// Ends the connection; the next work() makes another.
  void close();

private:
  struct hooks;
  friend struct hooks;

  void connect(clock::time_point now);
  void shake_hands();
  void fail(std::string why);
  void lose();
  template <class F>
  void guarded(const F& what) noexcept;

  access::redis_address where_;
  std::chrono::milliseconds patience_;
  events tell_;
  listener heard_;
  redisAsyncContext* link_ = nullptr;
  bool up_ = false;
  bool refused_ = false;  ///< the present connection, by AUTH, SELECT or PING
  bool wants_read_ = false;
  bool wants_write_ = false;
  clock::time_point now_{};
  clock::time_point up_by_{};
  clock::time_point try_again_{};
  std::chrono::milliseconds back_off_{50};
  std::deque<clock::time_point> sent_;  ///< when, of what has no answer yet
  std::string problem_ = "it has not been reached yet";
  std::uint64_t failures_ = 0;
  std::exception_ptr thrown_;  ///< on its way through hiredis
};

}  // namespace tickcast::feeds
