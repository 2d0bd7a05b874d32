#include "feeds/router_socket.hpp"

#include <fmt/format.h>
#include <zmq.h>

#include <cerrno>
#include <utility>

#include "feeds/source.hpp"
#include "feeds/zmq_endpoint.hpp"

namespace tickcast::feeds {
namespace {

constexpr const char* who = "service";
/// A peer that sends a longer question is disconnected by libzmq.
constexpr std::int64_t longest_message = 1 << 20;
constexpr int linger_ms = 250;
constexpr int keepalive_idle_s = 30;

}  // namespace

router_socket::router_socket(zmq::context_t& context, router_options options, service_counters& counters,
                             std::shared_ptr<curve_gate> gate)
    : options_(std::move(options)), counters_(counters), gate_(std::move(gate)) {
  namespace opt = zmq::sockopt;
  options_.curve = check_curve(std::move(options_.curve), true, who);
  if (!options_.curve.allowed.empty()) {
    if (!gate_) throw feed_error("service: a list of allowed CURVE keys needs a curve_gate");
    gate_->allow(who, options_.curve.allowed);
  }
  try {
    zmq::socket_t made(context, zmq::socket_type::router);
    made.set(opt::linger, linger_ms);
    // All answers to which one peer may have questions open, and its calls.
    made.set(opt::sndhwm, static_cast<int>(most_open) + options_.most_waiting);
    made.set(opt::maxmsgsize, longest_message);
    made.set(opt::tcp_keepalive, 1);
    made.set(opt::tcp_keepalive_idle, keepalive_idle_s);
    // Tells of an answer that reaches nobody instead of dropping it without a word.
    made.set(opt::router_mandatory, true);
    apply_curve(made, options_.curve, true);
    if (!options_.curve.allowed.empty()) made.set(opt::zap_domain, who);
    attach_socket(made, with_any_port(options_.endpoint), true, who);
    endpoint_ = made.get(opt::last_endpoint);
    socket_ = std::move(made);
  } catch (const zmq::error_t& why) {
    throw feed_error(fmt::format("service: cannot open its ROUTER socket: {}", why.what()));
  }
}

std::optional<routed_message> router_socket::receive() {
  zmq::message_t frame;
  const auto next = [&] {
    if (zmq_msg_recv(frame.handle(), socket_.handle(), ZMQ_DONTWAIT) >= 0) return true;
    const int error = zmq_errno();
    if (error == EAGAIN || error == EINTR || error == ETERM) return false;
    throw feed_error(fmt::format("service: reading failed: {}", zmq_strerror(error)));
  };
  if (!has_room() || !next()) return std::nullopt;
  counters_.questions.fetch_add(1, std::memory_order_relaxed);
  counters_.open.fetch_add(1, std::memory_order_relaxed);
  routed_message found;
  found.peer = frame.to_string();
  // The frames of one message arrive together: once the first is here, the others are.
  if (frame.more() && next()) found.body = frame.to_string();
  if (frame.more() && found.body.empty() && next()) {
    found.has_delimiter = true;
    found.body = frame.to_string();
  }
  while (frame.more()) {
    found.is_whole = false;
    if (!next()) break;
  }
  return found;
}

void router_socket::answer(const routed_message& to, std::string_view bytes) {
  counters_.open.fetch_sub(1, std::memory_order_relaxed);
  if (send(to, bytes) != sending::sent) counters_.lost.fetch_add(1, std::memory_order_relaxed);
}

router_socket::sending router_socket::send_to(const routed_message& to, std::string_view bytes) {
  return send(to, bytes);
}

router_socket::sending router_socket::send(const routed_message& to, std::string_view answer) {
  const auto part = [this](std::string_view bytes, int flags) {
    return zmq_send(socket_.handle(), bytes.data(), bytes.size(), ZMQ_DONTWAIT | flags) >= 0;
  };
  // Once the first frame is taken the others are, too.
  if (!part(to.peer, ZMQ_SNDMORE)) return zmq_errno() == EHOSTUNREACH ? sending::gone : sending::full;
  if (to.has_delimiter && !part({}, ZMQ_SNDMORE)) return sending::full;
  return part(answer, 0) ? sending::sent : sending::full;
}

}  // namespace tickcast::feeds
