#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "actors/runtime/latency_histogram.hpp"
#include "actors/runtime/metrics.hpp"
#include "net/tls_failure.hpp"

namespace tickcast::net {

/// A number that one thread changes and any thread reads.
class counter {
public:
  void add(std::uint64_t n = 1) noexcept { set(value() + n); }
  void subtract(std::uint64_t n = 1) noexcept { set(value() - n); }
  void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// Why a connection or a handshake was refused.
enum class refusal : std::uint8_t {
  connection_limit,  ///< listen.max_connections are open: 503
  overrun,           ///< so far above the limit that not even a 503 was spent
  accept_error,      ///< accept() failed, e.g. no descriptor was left
  stopping,          ///< the server stops: 503
  origin,            ///< the Origin is not in listen.allowed_origins: 403
  bad_handshake,     ///< no valid WebSocket upgrade
  not_by_gateway,    ///< auth.proxy is set up and the peer is no trusted proxy: 403
  timeout,           ///< no request, or no end of it, within listen.handshake_ms
  proxy_header,      ///< listen.proxy_protocol is set and what came is no PROXY header
  untrusted_proxy,   ///< the same, and the peer is none of listen.trusted_proxies
};
inline constexpr std::size_t refusal_count = 10;

/// TLS on one port's thread.
struct tls_counters {
  counter full;     ///< handshakes with the whole key exchange
  counter resumed;  ///< with a ticket of an earlier one
  std::array<counter, tls_failure_count> failed;
};

/// Everything one shard counts. Written by its thread; read by whoever scrapes.
struct shard_counters {
  counter accepted;
  std::array<counter, refusal_count> refused;
  counter http_open;
  std::array<counter, 2> clients_open;  ///< WebSockets by protocol::encoding
  counter echoes_open;

  counter messages_received;
  counter bytes_received;
  counter bytes_sent;
  counter frames_sent;
  counter writes;
  counter blocked_writes;  ///< the kernel took less than there was
  counter held_flushes;    ///< flushes that waited for fuller writes
  counter over_budget;     ///< frames refused because limits.queue_bytes were waiting
  counter pings_sent;
  counter pongs_missed;
  counter stalled;       ///< clients closed because they read nothing
  counter wrong_frames;  ///< text where binary was agreed, or the other way round

  tls_counters tls;

  /// From a feed's hand-over to the sockets, for the oldest update of each turn.
  actors::latency_histogram publish_to_write;

  counter queue_bytes;          ///< waiting now, all clients
  counter queue_bytes_largest;  ///< most that waited for one client when last looked

  static constexpr std::array<std::uint16_t, 22> close_codes{0,    1000, 1001, 1002, 1003, 1005, 1006, 1007,
                                                             1008, 1009, 1010, 1011, 3001, 3004, 3005, 3008,
                                                             3012, 3500, 3501, 3502, 3503, 3504};
  std::array<counter, close_codes.size()> closed;  ///< by code, as in close_codes; 0: any other
  static constexpr std::array<std::uint16_t, 16> http_statuses{0,   101, 200, 204, 304, 400, 401, 403,
                                                               404, 405, 413, 426, 429, 431, 500, 503};
  std::array<counter, http_statuses.size()> answered;  ///< by status, as in http_statuses; 0: any other

  void refuse(refusal why) noexcept { refused[static_cast<std::size_t>(why)].add(); }
  void close(std::uint16_t code) noexcept;
  void answer(unsigned status) noexcept { answered[status_index(status)].add(); }
  /// Where a status stands in http_statuses.
  static std::size_t status_index(unsigned status) noexcept;
  /// Sessions that exist now.
  std::uint64_t sessions() const noexcept;
};

/// Writes all of `counters` with the label shard=`shard`.
void write_metrics(actors::metric_writer& to, const shard_counters& counters, std::size_t shard);

}  // namespace tickcast::net
