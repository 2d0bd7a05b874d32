#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace tickcast::bench {

/// One WebSocket of the load. It allocates only while it connects and while a frame lies across two reads.
struct client {
  enum class phase : std::uint8_t { closed, connecting, upgrading, open };

  std::uint32_t number = 0;
  int fd = -1;
  phase is = phase::closed;
  bool subscribed = false;
  /// Comes and goes during churn, so nothing is expected of it.
  bool unsteady = false;
  bool waits_to_write = false;
  unsigned unanswered = 0;
  std::vector<std::uint32_t> topics;
  std::string expected_accept;
  std::string unsent;
  std::string unparsed;       ///< the front of a frame whose rest has not come
  std::string unparsed_nats;  ///< the same one layer up, for NATS

  std::uint64_t received = 0;
  std::uint64_t seq_sum = 0;

  /// Connected, and every command was answered.
  bool is_settled() const noexcept { return is == phase::open && unanswered == 0; }
};

}  // namespace tickcast::bench
