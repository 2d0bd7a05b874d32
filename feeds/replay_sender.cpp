#include "feeds/replay_sender.hpp"

#include <fmt/format.h>
#include <zmq.h>

#include <array>
#include <utility>

#include "feeds/pace.hpp"
#include "feeds/source.hpp"
#include "protocol/feed_message.hpp"

namespace tickcast::feeds {
namespace {

constexpr int stop_latency_ms = 50;

/// An array of maps that are encoded already. `maps` holds them one behind the other, for JSON with commas
/// between.
std::string as_array(protocol::encoding format, const std::string& maps, std::size_t count) {
  if (format == protocol::encoding::json) return fmt::format("[{}]", maps);
  // MessagePack's array 32: https://github.com/msgpack/msgpack/blob/master/spec.md#array-format-family
  std::string result{'\xdd', static_cast<char>(count >> 24), static_cast<char>(count >> 16),
                     static_cast<char>(count >> 8), static_cast<char>(count)};
  return result += maps;
}

feed_error socket_failed(const std::string& endpoint, const char* what) {
  return feed_error(fmt::format("{} {}: {}", what, endpoint, zmq_strerror(zmq_errno())));
}

}  // namespace

replay_sender::replay_sender(zmq::context_t& context, const sender_options& options) : options_(options) {
  namespace opt = zmq::sockopt;
  options_.curve = check_curve(std::move(options_.curve), options_.bind, "replay");
  try {
    socket_ = zmq::socket_t(context, options_.publish ? zmq::socket_type::xpub : zmq::socket_type::push);
    socket_.set(opt::sndhwm, options_.send_hwm);
    socket_.set(opt::linger, 0);
    socket_.set(opt::sndtimeo, stop_latency_ms);
    socket_.set(opt::ipv6, options_.endpoint.find('[') != std::string::npos);
    if (options_.publish) {
      // Without it a subscriber that is slow for a moment loses rows unseen.
      socket_.set(opt::xpub_nodrop, true);
    } else {
      // A message goes to a peer that is there, never to one that may come.
      socket_.set(opt::immediate, true);
    }
    apply_curve(socket_, options_.curve, options_.bind);
  } catch (const zmq::error_t& why) {
    throw feed_error(fmt::format("cannot open a socket to send with: {}", why.what()));
  }
  const int failed = options_.bind ? zmq_bind(socket_.handle(), options_.endpoint.c_str())
                                   : zmq_connect(socket_.handle(), options_.endpoint.c_str());
  if (failed != 0)
    throw socket_failed(options_.endpoint, options_.bind ? "cannot bind" : "cannot connect to");
  if (options_.bind) options_.endpoint = socket_.get(opt::last_endpoint);
  socket_.set(opt::linger, options_.linger_ms);
}

short replay_sender::wait(short events, const stop_signal& stop, int timeout_ms) {
  std::array<zmq_pollitem_t, 2> set{zmq_pollitem_t{socket_.handle(), 0, events, 0},
                                    zmq_pollitem_t{nullptr, stop.fd(), ZMQ_POLLIN, 0}};
  while (!stop.requested()) {
    const int ready = zmq_poll(set.data(), static_cast<int>(set.size()), timeout_ms);
    if (ready < 0 && zmq_errno() != EINTR) throw socket_failed(options_.endpoint, "cannot wait for");
    if (ready >= 0) return set[0].revents;
  }
  return 0;
}

bool replay_sender::wait_for_peer(const stop_signal& stop, int timeout_ms) {
  if (!options_.publish) return wait(ZMQ_POLLOUT, stop, timeout_ms) != 0;
  return wait(ZMQ_POLLIN, stop, timeout_ms) != 0;
}

void replay_sender::append(const recorded_row& row, std::uint64_t feed_seq) {
  if (maps_++ > 0 && options_.format == protocol::encoding::json) gathered_ += ',';
  if (const auto* trade = std::get_if<protocol::trade>(&row.value)) {
    gathered_ += protocol::encode_feed_trade(options_.format, row.symbol, *trade, feed_seq);
  } else {
    gathered_ += protocol::encode_feed_quote(options_.format, row.symbol,
                                             std::get<protocol::quote>(row.value), feed_seq);
  }
}

bool replay_sender::send_gathered(const stop_signal& stop, sent_count& count) {
  if (maps_ == 0) return true;
  if (maps_ > 1) gathered_ = as_array(options_.format, gathered_, maps_);
  while (!stop.requested()) {
    // A blocking send with a time-out: libzmq calls a PUB socket writable when its subscribers are full, so
    // that waiting for it by poll would spin.
    if (zmq_send(socket_.handle(), gathered_.data(), gathered_.size(), 0) >= 0) {
      ++count.messages;
      count.rows += maps_;
      maps_ = 0;
      gathered_.clear();
      return true;
    }
    if (zmq_errno() != EINTR && zmq_errno() != EAGAIN)
      throw socket_failed(options_.endpoint, "cannot send to");
  }
  return false;
}

sent_count replay_sender::play(playback& what, double speed, feed_clock& clock, const stop_signal& stop) {
  pace schedule(speed);
  sent_count count;
  for (const recorded_row* row = what.peek(); row != nullptr; row = what.peek()) {
    if (!schedule.is_max()) {
      const auto now = clock.steady_ns();
      const auto due = schedule.due_ns(row->time_ns, now);
      if (due > now) {
        if (!send_gathered(stop, count) || !clock.sleep_until(due, stop)) return count;
      }
    }
    append(*row, what.number());
    what.pop();
    if (maps_ >= options_.batch && !send_gathered(stop, count)) return count;
  }
  count.complete = send_gathered(stop, count);
  return count;
}

void replay_sender::abandon() {
  socket_.set(zmq::sockopt::linger, 0);
}

}  // namespace tickcast::feeds
