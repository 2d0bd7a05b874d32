#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "access/identity.hpp"
#include "config/config.hpp"

namespace tickcast::access {

/// Asks Redis for sessions and the operator's service for all else, on a thread of its own.
///
/// Any thread asks. Identical questions that are under way are one; answers of the service hold for
/// callback.cache_ms; a bounded number waits.
class backends {
public:
  using taker = std::function<void(verdict)>;
  /// Questions that may be under way, and answers that are kept.
  static constexpr std::size_t most_waiting = 20'000;
  static constexpr std::size_t most_kept = 50'000;

  /// Throws std::runtime_error with a sentence for the operator. Starts the thread.
  explicit backends(const config::auth_section& settings);
  /// Ends the thread; who still waits is told to try again.
  ~backends();
  backends(const backends&) = delete;
  backends& operator=(const backends&) = delete;

  /// `done` runs on the thread, or at once on the caller's when too many wait.
  void read_session(std::string session_key, taker done);
  void call_back(const credentials& shown, bool anew, taker done);

  struct figures {
    std::uint64_t asked = 0;       ///< questions that went out to Redis or the service
    std::uint64_t merged = 0;      ///< answered by a question that was already on its way
    std::uint64_t cached = 0;      ///< answered from memory
    std::uint64_t failed = 0;      ///< no answer, or none that could be used
    std::uint64_t waiting = 0;     ///< now
    std::uint64_t reconnects = 0;  ///< connections to Redis that were made, but the first
  };
  figures read_figures() const noexcept;

private:
  class worker;
  std::unique_ptr<worker> worker_;
};

}  // namespace tickcast::access
