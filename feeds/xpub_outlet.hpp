#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <zmq.hpp>

#include "feeds/curve.hpp"
#include "feeds/curve_gate.hpp"
#include "feeds/egress_outlet.hpp"
#include "feeds/zmq_host.hpp"

namespace tickcast::feeds {

struct xpub_options {
  std::string endpoint;  ///< to bind
  int hwm = 100'000;     ///< messages that libzmq holds for one subscriber; at least 1
  curve_keys curve;
};

/// An XPUB socket as the egress's outlet.
///
/// What is lost: libzmq drops a message for each subscriber whose queue is full, and from there on leaves
/// this subscriber out without a word until it has read half of its queue. The first is seen (ZMQ_XPUB_NODROP
/// makes the send fail, and it is then repeated with dropping), the rest is not. So from a failing send on
/// every message is counted as a drop, until no more messages wait anywhere than a queue holds when libzmq
/// takes its subscriber in again: `drops` counts every message that a subscriber has lost, and those that
/// were sent meanwhile and did reach all who wanted them.
class xpub_outlet final : public egress_outlet, public pollable {
public:
  /// Binds. `gate`: needed when keys are listed. Throws feed_error with a sentence for people.
  xpub_outlet(zmq::context_t& context, xpub_options options, egress_counters& counters,
              std::shared_ptr<curve_gate> gate = nullptr);

  /// With the port that was taken. Any thread.
  const std::string& endpoint() const noexcept { return endpoint_; }

  void on_changes(std::function<void()> what) override { reader_ = std::move(what); }
  std::optional<change> next_change() override;
  const prefix_set& prefixes() const override { return prefixes_; }
  void send(std::string_view topic_frame, std::string&& body) override;
  void look() override;

  void* socket() noexcept override { return socket_.handle(); }
  bool wants_reading() const noexcept override { return static_cast<bool>(reader_); }
  void on_readable() override {
    const auto reader = reader_;  // what it does may end whom it belongs to
    reader();
  }

private:
  struct parcel;
  bool send_if_room(zmq::message_t& frame, int flags);
  void send_frame(zmq::message_t& frame, int flags);
  void begin_behind();
  static void release(void* data, void* hint);

  xpub_options options_;
  egress_counters& counters_;
  std::shared_ptr<curve_gate> gate_;
  zmq::socket_t socket_;
  std::string endpoint_;
  prefix_set prefixes_;
  std::function<void()> reader_;
  /// Messages that some subscriber's queue still holds; libzmq's threads count down, at last when the context
  /// ends.
  std::shared_ptr<std::atomic<std::int64_t>> waiting_;
  bool behind_ = false;
};

}  // namespace tickcast::feeds
