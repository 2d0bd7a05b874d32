#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "access/backends.hpp"
#include "access/identity.hpp"
#include "config/config.hpp"

namespace tickcast::access {

/// Judges credentials by all ways that the configuration sets up (docs/access.md).
///
/// Any thread. What can be computed is judged at once, on the caller's thread; what lies in Redis or at the
/// backend is asked for on a thread of its own, bounded and with a time-out, and answered there. Key files
/// are read again when they have changed, looked at once a second at most.
class doorkeeper {
public:
  using taker = std::function<void(verdict)>;

  /// Reads all files. Throws std::runtime_error with a sentence for the operator: a file that is missing,
  /// readable by others, or holds no key of a kind that is taken; a way set up by halves.
  explicit doorkeeper(const config::config& settings);
  ~doorkeeper();
  doorkeeper(const doorkeeper&) = delete;
  doorkeeper& operator=(const doorkeeper&) = delete;

  /// `done` is called once: before this returns, or later on the thread that asks backends; must not block or
  /// throw. Nothing shown is anonymous, or refused where that is not enough.
  void ask(const credentials& shown, taker done);
  /// The same, but not answered from the cache of earlier answers.
  void ask_anew(const credentials& shown, taker done);
  /// Reads the key files again when one has changed, looking once a second at most; what does not read leaves
  /// the old keys in force. A sentence for the log when there was something to tell.
  std::optional<std::string> refresh_keys();

  struct counters {
    std::array<std::atomic<std::uint64_t>, proof_count> admitted{};
    std::array<std::atomic<std::uint64_t>, reason_count> refused{};
    std::atomic<std::uint64_t> key_files_failed{0};  ///< re-readings that left the old keys in force
  };
  const counters& count() const noexcept { return counters_; }
  using backend_figures = access::backends::figures;
  /// All zero where nobody is asked.
  backend_figures backend_counts() const noexcept;

private:
  struct parts;
  void judge(const credentials& shown, bool anew, taker done);
  verdict settle(verdict said, bool by_session);
  static verdict by_gateway(const credentials& shown);

  counters counters_;
  std::unique_ptr<parts> parts_;
};

}  // namespace tickcast::access
