#include "feeds/xpub_outlet.hpp"

#include <fmt/format.h>
#include <zmq.h>

#include <cerrno>
#include <utility>

#include "actors/runtime/log.hpp"
#include "actors/runtime/probe.hpp"
#include "feeds/source.hpp"
#include "feeds/zmq_endpoint.hpp"
#include "protocol/topic.hpp"

namespace tickcast::feeds {
namespace {

constexpr const char* who = "egress";
/// Subscriptions longer than any topic frame mean nothing.
constexpr std::size_t longest_prefix = protocol::max_topic_bytes + 1;
/// A peer that sends a longer message is disconnected by libzmq.
constexpr std::int64_t longest_message = 1024;
/// Different prefixes that are kept, whoever sent them.
constexpr std::size_t most_prefixes = 100'000;
/// Messages without meaning that are read before others get their turn.
constexpr int most_in_a_row = 256;
/// How long a stop waits for what subscribers have not taken.
constexpr int linger_ms = 250;
constexpr int keepalive_idle_s = 30;

}  // namespace

/// A body on its way through libzmq, which shares it among the subscribers' queues.
struct xpub_outlet::parcel {
  std::shared_ptr<std::atomic<std::int64_t>> waiting;
  std::string body;
};

xpub_outlet::xpub_outlet(zmq::context_t& context, xpub_options options, egress_counters& counters,
                         std::shared_ptr<curve_gate> gate)
    : options_(std::move(options)),
      counters_(counters),
      gate_(std::move(gate)),
      waiting_(std::make_shared<std::atomic<std::int64_t>>(0)) {
  namespace opt = zmq::sockopt;
  options_.curve = check_curve(std::move(options_.curve), true, who);
  if (!options_.curve.allowed.empty()) {
    if (!gate_) throw feed_error("egress: a list of allowed CURVE keys needs a curve_gate");
    gate_->allow(who, options_.curve.allowed);
  }
  try {
    zmq::socket_t made(context, zmq::socket_type::xpub);
    made.set(opt::linger, linger_ms);
    made.set(opt::sndhwm, options_.hwm);
    made.set(opt::maxmsgsize, longest_message);
    made.set(opt::tcp_keepalive, 1);
    made.set(opt::tcp_keepalive_idle, keepalive_idle_s);
    made.set(opt::xpub_verbose, 1);
    made.set(opt::xpub_nodrop, 1);
    apply_curve(made, options_.curve, true);
    if (!options_.curve.allowed.empty()) made.set(opt::zap_domain, who);
    attach_socket(made, with_any_port(options_.endpoint), true, who);
    endpoint_ = made.get(opt::last_endpoint);
    socket_ = std::move(made);
  } catch (const zmq::error_t& why) {
    throw feed_error(fmt::format("egress: cannot open its socket: {}", why.what()));
  }
}

std::optional<egress_outlet::change> xpub_outlet::next_change() {
  zmq::message_t message;
  for (int seen = 0; seen < most_in_a_row; ++seen) {
    if (zmq_msg_recv(message.handle(), socket_.handle(), ZMQ_DONTWAIT) < 0) {
      const int error = zmq_errno();
      if (error == EAGAIN || error == EINTR || error == ETERM) return std::nullopt;
      throw feed_error(fmt::format("egress: reading subscriptions failed: {}", zmq_strerror(error)));
    }
    // ZMTP: 1 or 0, then the prefix. Anything else a peer has made up.
    const auto bytes = message.to_string_view();
    if (message.more() || bytes.empty() || static_cast<unsigned char>(bytes[0]) > 1) continue;
    const auto prefix = bytes.substr(1);
    const bool subscribes = bytes[0] == 1;
    const auto known = prefixes_.find(prefix);
    if (prefix.size() > longest_prefix || (!subscribes && known == prefixes_.end())) continue;
    if (subscribes && known == prefixes_.end()) {
      if (prefixes_.size() >= most_prefixes) {
        actors::bump(counters_.refused);
        continue;
      }
      prefixes_.emplace(prefix);
    } else if (!subscribes) {
      prefixes_.erase(known);
    }
    counters_.subscriptions.store(prefixes_.size(), std::memory_order_relaxed);
    return change{subscribes, std::string(prefix)};
  }
  return std::nullopt;
}

void xpub_outlet::release(void*, void* hint) {
  std::unique_ptr<parcel> done(static_cast<parcel*>(hint));
  done->waiting->fetch_sub(1, std::memory_order_release);
}

void xpub_outlet::send(std::string_view topic_frame, std::string&& body) {
  actors::bump(counters_.messages);
  actors::bump(counters_.bytes, topic_frame.size() + body.size());
  zmq::message_t head(topic_frame.data(), topic_frame.size());
  auto kept = std::make_unique<parcel>(parcel{waiting_, std::move(body)});
  zmq::message_t data(kept->body.data(), kept->body.size(), &release, kept.get());
  waiting_->fetch_add(1, std::memory_order_relaxed);
  kept.release();

  constexpr int flags = ZMQ_DONTWAIT | ZMQ_SNDMORE;
  if (!send_if_room(head, flags)) {
    begin_behind();
    socket_.set(zmq::sockopt::xpub_nodrop, 0);
    send_frame(head, flags);
    send_frame(data, ZMQ_DONTWAIT);
    socket_.set(zmq::sockopt::xpub_nodrop, 1);
  } else {
    send_frame(data, ZMQ_DONTWAIT);
  }
  if (behind_) actors::bump(counters_.drops);
}

bool xpub_outlet::send_if_room(zmq::message_t& frame, int flags) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (zmq_msg_send(frame.handle(), socket_.handle(), flags) >= 0) return true;
    if (zmq_errno() != EAGAIN)
      throw feed_error(fmt::format("egress: sending failed: {}", zmq_strerror(zmq_errno())));
    // A send hears only once a millisecond of what subscribers have read; asked for its events libzmq hears
    // of it at once.
    [[maybe_unused]] const auto news_taken = socket_.get(zmq::sockopt::events);
  }
  return false;
}

void xpub_outlet::send_frame(zmq::message_t& frame, int flags) {
  if (zmq_msg_send(frame.handle(), socket_.handle(), flags) < 0)
    throw feed_error(fmt::format("egress: sending failed: {}", zmq_strerror(zmq_errno())));
}

void xpub_outlet::begin_behind() {
  actors::bump(counters_.full);
  if (std::exchange(behind_, true)) return;
  counters_.behind.store(1, std::memory_order_relaxed);
  actors::log(actors::component::feeds)
      .warn("egress: a subscriber does not keep up and loses messages (its queue of {} is full)",
            options_.hwm);
}

void xpub_outlet::look() {
  if (!behind_) return;
  // libzmq takes a subscriber in again when it has read (hwm + 1) / 2 messages of a full queue, and says so
  // to this thread before it lets go of the last of them.
  if (waiting_->load(std::memory_order_acquire) > options_.hwm - (options_.hwm + 1) / 2) return;
  [[maybe_unused]] const auto news_taken = socket_.get(zmq::sockopt::events);
  behind_ = false;
  counters_.behind.store(0, std::memory_order_relaxed);
  actors::log(actors::component::feeds).info("egress: all subscribers keep up again");
}

}  // namespace tickcast::feeds
