#pragma once
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

struct redisAsyncContext;

namespace tickcast::access {

/// `redis://[user[:password]@]host[:port][/db]`; password alone as `redis://:password@host`.
struct redis_address {
  std::string host;
  int port = 6379;
  std::string user;
  std::string password;
  int database = 0;
};
/// `key`: of the configuration. Throws std::runtime_error with a sentence for the operator, which names it.
redis_address parse_redis_url(std::string_view url, std::string_view key = "auth.django.store");

/// Reads keys of a Redis by hiredis: all that are asked for are under way on one connection at a time, which
/// comes back by itself; what was under way when it broke is asked for again. One thread, which waits for
/// wants() and then calls work().
class redis_sessions {
public:
  using clock = std::chrono::steady_clock;

  /// What was found under a key.
  struct found {
    bool answered = false;  ///< false: no answer, `problem` says why
    std::string problem;
    std::optional<std::string> bytes;  ///< nothing: there is no such key
    std::int64_t left_ms = -1;         ///< until it runs out; -1: it does not
  };
  using taker = std::function<void(found)>;

  redis_sessions(redis_address where, std::chrono::milliseconds patience);
  ~redis_sessions();
  redis_sessions(const redis_sessions&) = delete;
  redis_sessions& operator=(const redis_sessions&) = delete;

  /// `done` is called by work(), once, within the patience; or by the destructor.
  void read(std::string key, clock::time_point now, taker done);
  /// What to wait for; a negative descriptor: nothing but the time.
  pollfd wants() const noexcept;
  /// Does what can be done now. `events`: what poll has found for wants().
  void work(short events, clock::time_point now);
  /// When work() is wanted at the latest.
  clock::time_point next(clock::time_point now) const noexcept;
  std::uint64_t connects() const noexcept { return connects_; }

private:
  struct request {
    std::string key;
    clock::time_point deadline;
    taker done;
    found so_far;
    bool sent = false;
    bool ended = false;
  };
  using request_ptr = std::shared_ptr<request>;
  struct hooks;
  friend struct hooks;

  void connect(clock::time_point now);
  void send_all();
  void end(const request_ptr& which, std::string problem);
  void lose();
  void expire(clock::time_point now);

  redis_address where_;
  std::chrono::milliseconds patience_;
  redisAsyncContext* link_ = nullptr;
  bool up_ = false;
  bool wants_read_ = false;
  bool wants_write_ = false;
  clock::time_point connect_by_{};
  clock::time_point try_again_{};
  std::chrono::milliseconds back_off_{50};
  std::deque<request_ptr> requests_;  // in order of their deadlines
  bool wrong_database_ = false;       ///< of the present connection
  std::string last_problem_ = "Redis has not been reached yet";
  std::uint64_t connects_ = 0;
};

}  // namespace tickcast::access
