#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/client.hpp"
#include "bench/load/dialect.hpp"
#include "bench/load/histogram.hpp"
#include "bench/load/payload.hpp"

namespace tickcast::bench {

struct swarm_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  dialect speaks = dialect::tickcast;
  shape of;
  std::uint32_t clients = 1000;
  std::uint32_t topics = 1;
  std::uint32_t topics_per_client = 1;
};

/// What came of the updates since `expect`.
struct swarm_report {
  std::uint64_t delivered = 0;
  std::uint64_t expected = 0;
  std::uint64_t bytes = 0;             ///< of payload
  std::uint64_t steady_clients = 0;    ///< those of whom completeness is asked
  std::uint64_t complete_clients = 0;  ///< got every update of their topics exactly once
  std::uint64_t refusals = 0;          ///< errors, gaps and answers nobody asked for
  std::uint64_t lost_connections = 0;
  std::uint64_t churn_steps = 0;
  double last_after_s = 0;  ///< from expect to the last update
  std::string first_refusal;
};

/// All clients of one load, in one epoll loop on one thread. A client's topics are drawn by its number, so
/// they are the same in every run.
class swarm {
public:
  explicit swarm(swarm_options options);
  ~swarm();
  swarm(const swarm&) = delete;
  swarm& operator=(const swarm&) = delete;

  /// Connects and subscribes all. Throws std::runtime_error when they are not settled after `timeout_s`.
  void connect_all(double timeout_s);

  /// From now on each topic gets `updates` updates, numbered from `first_seq`.
  void expect(std::uint64_t updates, std::uint64_t first_seq);

  /// Every second `percent` of all clients take a step: leave their topics, subscribe again, disconnect,
  /// reconnect. Only the odd ones do, so that the even ones can be asked for completeness. 0 ends it.
  void churn(double percent);

  /// Runs the loop until something is to be read from `control_fd`, for `timeout_ms` at most; -1 for no end.
  /// True when `control_fd` is readable.
  bool run_until_readable(int control_fd, int timeout_ms);

  /// Runs on until all that was expected is there, or until nothing has come for `patience_s`.
  swarm_report report(double patience_s);

  /// Brings every client back to connected and subscribed. Throws like connect_all.
  void settle(double timeout_s);

  const histogram& latencies() const noexcept { return latencies_; }

private:
  static constexpr std::size_t buffer_bytes = 4U << 20U;

  void turn(int timeout_ms);
  void connect_some();
  void start_connect(client& c);
  void on_event(client& c, std::uint32_t events);
  void on_connected(client& c);
  void on_readable(client& c);
  /// Takes the HTTP head off the buffer; false when it is not complete or was no upgrade.
  bool take_upgrade(client& c, std::size_t size, std::size_t& at);
  /// Returns how many bytes were whole frames.
  std::size_t take_frames(client& c, std::size_t from, std::size_t size, std::int64_t now_ns);
  void take_nats(client& c, std::string_view payload, std::int64_t now_ns);
  void on_message(client& c, std::string_view message, std::int64_t now_ns);
  void send_unsent(client& c);
  void subscribe(client& c, bool greet);
  void drop(client& c);
  void lose(client& c);
  void churn_step(client& c);
  void churn_due();
  std::uint64_t settled() const noexcept;

  swarm_options options_;
  std::vector<client> clients_;
  std::unique_ptr<char[]> buffer_;
  int epoll_ = -1;
  bool control_ready_ = false;
  std::uint32_t next_to_connect_ = 0;
  std::uint32_t connecting_ = 0;
  std::uint64_t command_id_ = 0;
  std::uint32_t next_source_ = 0;

  histogram latencies_;
  swarm_report counts_;
  std::uint64_t per_topic_ = 0;
  std::uint64_t first_seq_ = 1;
  std::int64_t expect_ns_ = 0;
  std::int64_t last_update_ns_ = 0;

  double churn_per_s_ = 0;
  std::int64_t churn_since_ns_ = 0;
  std::uint64_t churn_done_ = 0;
  std::uint32_t next_to_churn_ = 0;
};

}  // namespace tickcast::bench
