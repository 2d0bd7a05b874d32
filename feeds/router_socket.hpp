#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <zmq.hpp>

#include "feeds/curve.hpp"
#include "feeds/curve_gate.hpp"
#include "feeds/zmq_host.hpp"

namespace tickcast::feeds {

struct router_options {
  std::string endpoint;    ///< to bind
  int most_waiting = 256;  ///< messages that wait for one peer
  curve_keys curve;
};

/// A question with the way it came: what a ROUTER socket puts in front, and the empty frame of a REQ.
struct routed_message {
  std::string peer;
  bool has_delimiter = false;
  std::string body;
  bool is_whole = true;  ///< false: too many frames, which are left out
};

/// Added to by the socket's thread, read by anyone.
struct service_counters {
  std::atomic<std::uint64_t> questions{0};
  std::atomic<std::uint64_t> refused{0};  ///< of them, those that no handler got
  std::atomic<std::uint64_t> lost{0};     ///< answers whose backend was gone, or did not read
  std::atomic<std::uint64_t> open{0};     ///< questions without an answer
  std::atomic<std::uint64_t> workers{0};  ///< of backends that claim types of client messages, now
  std::atomic<std::uint64_t> workers_lost{0};
  std::atomic<std::uint64_t> calls{0};  ///< of clients, sent to workers
  std::atomic<std::uint64_t> open_calls{0};
  std::atomic<std::uint64_t> calls_refused{0};
  std::atomic<std::uint64_t> calls_overdue{0};
  std::atomic<std::uint64_t> answers_unknown{0};  ///< to calls that were not open
};

/// The service's ROUTER socket: each message that is received is answered once. With too many of them open it
/// reads none, and ZeroMQ holds the backends back. On its host's thread, but for endpoint().
class router_socket final : public pollable {
public:
  static constexpr std::uint64_t most_open = 256;

  /// Binds. `gate`: needed when keys are listed. Throws feed_error with a sentence for people.
  router_socket(zmq::context_t& context, router_options options, service_counters& counters,
                std::shared_ptr<curve_gate> gate = nullptr);

  /// With the port that was taken. Any thread.
  const std::string& endpoint() const noexcept { return endpoint_; }

  /// Called when something may wait to be read; empty: it is left in the socket.
  void on_message(std::function<void()> reader) { reader_ = std::move(reader); }
  /// Nothing: none waits, or too many are open.
  std::optional<routed_message> receive();
  /// For a message that gets no answer.
  void done() noexcept { counters_.open.fetch_sub(1, std::memory_order_relaxed); }
  enum class sending : std::uint8_t { sent, full, gone };
  /// Something unasked. `gone`: there is no such peer any more.
  sending send_to(const routed_message& to, std::string_view bytes);
  /// An answer whose peer is gone, or does not read, is lost and counted.
  void answer(const routed_message& to, std::string_view bytes);

  void* socket() noexcept override { return socket_.handle(); }
  bool wants_reading() const noexcept override { return reader_ && has_room(); }
  void on_readable() override {
    const auto reader = reader_;  // what it does may end whom it belongs to
    reader();
  }

private:
  bool has_room() const noexcept { return counters_.open.load(std::memory_order_relaxed) < most_open; }
  sending send(const routed_message& to, std::string_view bytes);

  router_options options_;
  service_counters& counters_;
  std::shared_ptr<curve_gate> gate_;
  zmq::socket_t socket_;
  std::string endpoint_;
  std::function<void()> reader_;
};

}  // namespace tickcast::feeds
