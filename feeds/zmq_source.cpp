#include "feeds/zmq_source.hpp"

#include <fmt/format.h>
#include <zmq.h>

#include <array>
#include <cerrno>
#include <utility>

#include "feeds/zmq_endpoint.hpp"
#include "protocol/service_message.hpp"

namespace tickcast::feeds {
namespace {

constexpr int keepalive_idle_s = 30;
constexpr int most_reconnect_ms = 5000;

protocol::error too_many_frames() {
  return {protocol::errc::malformed,
          "the message has more than two frames; send the body alone, or [topic, body]"};
}

}  // namespace

void decode_service_body(std::string_view body, protocol::feed_format, protocol::feed_sink& sink) {
  protocol::decode_service(body, sink);
}

std::string zap_domain_of(const std::string& feed) {
  return "feed/" + feed;
}

zmq_source::zmq_source(zmq::context_t& context, zmq_options options, std::shared_ptr<curve_gate> gate)
    : context_(context), options_(std::move(options)), gate_(std::move(gate)) {
  const std::string who = "feed " + options_.name;
  options_.curve = check_curve(std::move(options_.curve), options_.bind, who);
  if (options_.endpoints.empty()) throw feed_error(who + ": it needs an endpoint");
  if (!options_.curve.allowed.empty()) {
    if (!gate_) throw feed_error(who + ": a list of allowed CURVE keys needs a curve_gate");
    gate_->allow(zap_domain_of(options_.name), options_.curve.allowed);
  }
}

void zmq_source::set_options(zmq::socket_t& socket) const {
  namespace opt = zmq::sockopt;
  socket.set(opt::linger, 0);
  socket.set(opt::rcvhwm, options_.receive_hwm);
  socket.set(opt::maxmsgsize, options_.most_bytes);
  // A sender whose machine vanished is noticed by the kernel, and SUB connects again.
  socket.set(opt::tcp_keepalive, 1);
  socket.set(opt::tcp_keepalive_idle, keepalive_idle_s);
  socket.set(opt::reconnect_ivl_max, most_reconnect_ms);
  if (options_.kind == zmq_options::pattern::sub) socket.set(opt::subscribe, "");

  apply_curve(socket, options_.curve, options_.bind);
  if (!options_.curve.allowed.empty()) socket.set(opt::zap_domain, zap_domain_of(options_.name));
}

void zmq_source::open() {
  if (socket_.handle() != nullptr) return;
  try {
    zmq::socket_t socket(context_, options_.kind == zmq_options::pattern::sub ? zmq::socket_type::sub
                                                                              : zmq::socket_type::pull);
    set_options(socket);
    if (options_.peers && options_.peers->watched) watch_.emplace(context_, socket, *options_.peers);
    for (const auto& endpoint : options_.endpoints)
      attach_socket(socket, endpoint, options_.bind, "feed " + options_.name);
    // With a port of 0 it names the one that was taken, and a socket that must be opened again takes the
    // same.
    if (options_.bind && options_.endpoints.size() == 1)
      options_.endpoints[0] = socket.get(zmq::sockopt::last_endpoint);
    endpoint_ = fmt::format("{}", fmt::join(options_.endpoints, ","));
    socket_ = std::move(socket);
  } catch (const feed_error&) {
    watch_.reset();
    throw;
  } catch (const zmq::error_t& why) {
    watch_.reset();
    throw feed_error(fmt::format("feed {}: cannot open its socket: {}", options_.name, why.what()));
  }
}

void zmq_source::close() {
  watch_.reset();
  socket_.close();
}

void zmq_source::run(const stop_signal& stop, feed_out& out) {
  open();
  try {
    turn last = turn::drained;
    while (!stop.requested() && last != turn::ended) {
      if (!out.may_read()) {
        if (!wait_for({nullptr, out.credit_fd(), ZMQ_POLLIN, 0}, stop)) return;
        continue;
      }
      if (last == turn::drained && !wait_for({socket_.handle(), 0, ZMQ_POLLIN, 0}, stop)) return;
      // A peer is known before its first message is: the news of it was written first.
      if (watch_) watch_->drain();
      last = take_turn(out);
      out.flush();
    }
  } catch (...) {
    out.flush();
    throw;
  }
}

void zmq_source::rest(const stop_signal& stop) {
  wait_for({nullptr, stop.fd(), ZMQ_POLLIN, 0}, stop);
}

bool zmq_source::wait_for(zmq_pollitem_t what, const stop_signal& stop) {
  std::array<zmq_pollitem_t, 3> set{what, zmq_pollitem_t{nullptr, stop.fd(), ZMQ_POLLIN, 0},
                                    zmq_pollitem_t{watch_ ? watch_->handle() : nullptr, -1, ZMQ_POLLIN, 0}};
  const int size = watch_ ? 3 : 2;
  while (!stop.requested()) {
    const int ready = zmq_poll(set.data(), size, -1);
    if (ready > 0 && watch_) watch_->drain();
    if (ready > 0 && set[0].revents != 0) return !stop.requested();
    if (ready >= 0 || zmq_errno() == EINTR) continue;
    if (zmq_errno() == ETERM) return false;
    const int error = zmq_errno();
    close();
    throw feed_error(
        fmt::format("feed {}: polling its socket failed: {}", options_.name, zmq_strerror(error)));
  }
  return false;
}

bool zmq_source::skip_rest(zmq::message_t& frame) {
  while (frame.more()) {
    if (zmq_msg_recv(frame.handle(), socket_.handle(), ZMQ_DONTWAIT) < 0) return false;
  }
  return true;
}

zmq_source::turn zmq_source::take_turn(feed_out& out) {
  // libzmq's C calls: a receive that finds nothing is no exception, and one message object serves the whole
  // turn.
  zmq::message_t frame;
  protocol::feed_sink& sink = out.sink();
  std::size_t bytes = 0;
  for (std::size_t count = 0; count < turn_messages && bytes < turn_bytes; ++count) {
    int size = zmq_msg_recv(frame.handle(), socket_.handle(), ZMQ_DONTWAIT);
    // The frames of one message arrive together: once the first is here, the second is.
    if (size >= 0 && frame.more()) size = zmq_msg_recv(frame.handle(), socket_.handle(), ZMQ_DONTWAIT);
    if (size < 0) {
      const int error = zmq_errno();
      if (error == EAGAIN || error == EINTR) return turn::drained;
      if (error == ETERM) return turn::ended;
      close();
      throw feed_error(fmt::format("feed {}: receiving failed: {}", options_.name, zmq_strerror(error)));
    }
    bytes += static_cast<std::size_t>(size);
    if (frame.more()) {
      if (!skip_rest(frame)) return turn::drained;
      sink.on_refused(too_many_frames(), std::nullopt);
      continue;
    }
    options_.decode(frame.to_string_view(), options_.format, sink);
  }
  return turn::more;
}

}  // namespace tickcast::feeds
