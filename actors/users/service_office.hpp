#pragma once
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/runtime/metrics.hpp"
#include "actors/topics/engine.hpp"
#include "actors/users/errands.hpp"

namespace tickcast::actors {

/// Carries out what backends want, by whatever way it came, and each thing that has an idempotency key once.
/// Any thread; never waits.
class service_office {
public:
  using result = service_errand::result;
  using taker = service_errand::taker;

  explicit service_office(engine& parts) : engine_(parts) {}

  /// `done` gets the reply's data as JSON text, or why not; once, on any thread, perhaps before this returns.
  /// `key`: the idempotency key; empty: none. `content`: what must be the same where the key is.
  void carry_out(protocol::service_command&& what, const std::string& key, std::string_view content,
                 taker done);
  /// Questions about users: `presence` of `topic`, `user` or `users`, and `users`. `data` is an object.
  void ask(std::string_view type, const nlohmann::json& data, taker done);

  void read_metrics(metric_writer& to) const;

private:
  struct entry {
    std::size_t content = 0;
    std::optional<result> answer;
    std::vector<taker> waiting;  ///< until there is one
    std::chrono::steady_clock::time_point since;
  };

  void start(protocol::service_command&& what, taker done);
  bool is_repeat(const std::string& key, std::size_t content, taker& done);
  void remember(const std::string& key, const result& how);
  void forget_old();
  void ask_about(const nlohmann::json& data, taker done);
  void ask_topic(const nlohmann::json& topic, taker done);
  void list_users(const nlohmann::json& data, taker done);

  engine& engine_;
  mutable std::mutex mutex_;  // of what follows
  std::unordered_map<std::string, entry> by_key_;
  std::deque<std::pair<std::chrono::steady_clock::time_point, std::string>> order_;
  std::atomic<std::uint64_t> repeats_{0};
  std::atomic<std::uint64_t> conflicts_{0};
};

}  // namespace tickcast::actors
