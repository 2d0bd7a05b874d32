#include "bench/load/swarm.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <random>
#include <stdexcept>
#include <system_error>

#include "bench/load/websocket.hpp"

namespace tickcast::bench {
namespace {

constexpr std::size_t buffer_bytes = 4U << 20U;
/// Handshakes at once: below every server's backlog.
constexpr std::uint32_t connecting_limit = 100;
/// One source address has 28,000 ports; more addresses keep connect() from searching.
constexpr std::uint32_t source_addresses = 16;
constexpr std::uint64_t control_token = ~std::uint64_t{0};

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void set_option(int fd, int level, int name, int value) {
  if (::setsockopt(fd, level, name, &value, sizeof value) != 0) fail("setsockopt");
}

void watch(int epoll, int fd, std::uint32_t events, std::uint64_t token, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  if (::epoll_ctl(epoll, operation, fd, &event) != 0) fail("epoll_ctl");
}

std::vector<std::uint32_t> draw_topics(std::uint32_t client_number, std::uint32_t from, std::uint32_t count) {
  std::vector<std::uint32_t> drawn;
  std::minstd_rand engine{client_number * 2 + 1};
  engine.discard(3);
  while (drawn.size() < std::min(count, from)) {
    const auto topic = static_cast<std::uint32_t>(engine() % from);
    if (std::find(drawn.begin(), drawn.end(), topic) == drawn.end()) drawn.push_back(topic);
  }
  return drawn;
}

}  // namespace

swarm::swarm(swarm_options options)
    : options_(std::move(options)), clients_(options_.clients), buffer_(new char[buffer_bytes]) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) fail("epoll_create1");
  for (std::uint32_t i = 0; i < options_.clients; ++i) {
    clients_[i].number = i;
    clients_[i].topics = draw_topics(i, options_.topics, options_.topics_per_client);
  }
}

swarm::~swarm() {
  for (client& c : clients_) {
    if (c.fd >= 0) drop(c);
  }
  ::close(epoll_);
}

void swarm::connect_all(double timeout_s) {
  settle(timeout_s);
}

void swarm::settle(double timeout_s) {
  const std::int64_t deadline = monotonic_ns() + static_cast<std::int64_t>(timeout_s * 1e9);
  churn_per_s_ = 0;
  for (client& c : clients_) {
    if (c.is == client::phase::open && !c.subscribed) {
      subscribe(c, false);
      send_unsent(c);
    }
  }
  next_to_connect_ = 0;
  std::int64_t look_at = 0;
  for (;;) {
    connect_some();
    turn(5);
    const std::int64_t now = monotonic_ns();
    if (now < look_at) continue;
    // Looking costs a walk over all clients.
    look_at = now + 5'000'000;
    if (settled() == clients_.size()) return;
    if (now > deadline) {
      throw std::runtime_error(
          fmt::format("only {} of {} clients are connected and answered after {} s; first refusal: {}",
                      settled(), clients_.size(), timeout_s, counts_.first_refusal));
    }
  }
}

std::uint64_t swarm::settled() const noexcept {
  return static_cast<std::uint64_t>(
      std::count_if(clients_.begin(), clients_.end(), [](const client& c) { return c.is_settled(); }));
}

void swarm::connect_some() {
  while (connecting_ < connecting_limit && next_to_connect_ < clients_.size()) {
    client& c = clients_[next_to_connect_++];
    if (c.is == client::phase::closed) start_connect(c);
  }
}

void swarm::start_connect(client& c) {
  c.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c.fd < 0) fail("socket");
  set_option(c.fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(c.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  const linger reset_on_close{1, 0};
  if (::setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &reset_on_close, sizeof reset_on_close) != 0)
    fail("SO_LINGER");

  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + next_source_++ % source_addresses);
  if (::bind(c.fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) fail("bind");
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(options_.port);
  if (::inet_pton(AF_INET, options_.address.c_str(), &server.sin_addr) != 1) fail("address");
  if (::connect(c.fd, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0 &&
      errno != EINPROGRESS) {
    fail("connect");
  }
  c.is = client::phase::connecting;
  ++connecting_;
  c.waits_to_write = true;
  watch(epoll_, c.fd, EPOLLIN | EPOLLOUT, c.number, EPOLL_CTL_ADD);
}

void swarm::on_connected(client& c) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(c.fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
    errno = error;
    fail("connect");
  }
  c.is = client::phase::upgrading;
  c.expected_accept = append_upgrade_request(c.unsent, upgrade_path(options_.speaks, options_.of, c.topics));
}

void swarm::on_event(client& c, std::uint32_t events) {
  if (c.is == client::phase::connecting) on_connected(c);
  if ((events & EPOLLOUT) != 0) send_unsent(c);
  if (c.is != client::phase::closed && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) on_readable(c);
}

void swarm::send_unsent(client& c) {
  while (!c.unsent.empty()) {
    const ssize_t sent = ::send(c.fd, c.unsent.data(), c.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) break;
    if (sent < 0) return lose(c);
    c.unsent.erase(0, static_cast<std::size_t>(sent));
  }
  const bool wait = !c.unsent.empty();
  if (wait != c.waits_to_write) {
    c.waits_to_write = wait;
    watch(epoll_, c.fd, EPOLLIN | (wait ? EPOLLOUT : 0U), c.number, EPOLL_CTL_MOD);
  }
}

void swarm::on_readable(client& c) {
  const std::size_t kept = c.unparsed.size();
  if (kept > buffer_bytes / 2) throw std::runtime_error("a frame of more than 2 MB came");
  std::memcpy(buffer_.get(), c.unparsed.data(), kept);
  const ssize_t got = ::recv(c.fd, buffer_.get() + kept, buffer_bytes - kept, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return lose(c);

  const std::int64_t now = monotonic_ns();
  const std::size_t size = kept + static_cast<std::size_t>(got);
  std::size_t at = 0;
  if (c.is == client::phase::open || take_upgrade(c, size, at)) at += take_frames(c, at, size, now);
  if (c.is == client::phase::closed) return;
  c.unparsed.assign(buffer_.get() + at, size - at);
  if (!c.unsent.empty() && !c.waits_to_write) send_unsent(c);
}

bool swarm::take_upgrade(client& c, std::size_t size, std::size_t& at) {
  const std::string_view text{buffer_.get(), size};
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  const std::string_view head = text.substr(0, end + 2);
  if (!head.starts_with("HTTP/1.1 101") || header_value(head, "Sec-WebSocket-Accept") != c.expected_accept) {
    throw std::runtime_error(fmt::format("the server refused the upgrade: {}", head));
  }
  at = end + 4;
  c.is = client::phase::open;
  c.expected_accept = {};
  --connecting_;
  subscribe(c, true);
  return true;
}

std::size_t swarm::take_frames(client& c, std::size_t from, std::size_t size, std::int64_t now_ns) {
  std::size_t at = from;
  frame_view frame;
  while (at < size) {
    const parse_result result = parse_frame(buffer_.get() + at, size - at, frame);
    if (result == parse_result::incomplete) break;
    if (result == parse_result::broken)
      throw std::runtime_error("the server sent a frame that was not asked for");
    at += frame.wire_size;
    if (frame.op == opcode::close) {
      lose(c);
      break;
    }
    if (frame.op == opcode::ping) {
      append_frame(c.unsent, role::client, opcode::pong, frame.payload);
    } else if (frame.op == opcode::pong) {
      continue;
    } else if (options_.speaks == dialect::nats) {
      take_nats(c, frame.payload, now_ns);
    } else {
      on_message(c, frame.payload, now_ns);
    }
  }
  return at - from;
}

void swarm::take_nats(client& c, std::string_view payload, std::int64_t now_ns) {
  const bool joined = !c.unparsed_nats.empty();
  if (joined) c.unparsed_nats.append(payload);
  std::string_view stream = joined ? std::string_view{c.unparsed_nats} : payload;
  while (const auto item = next_nats_item(stream)) on_message(c, *item, now_ns);
  // `stream` may point into the very string that is assigned to.
  if (joined) {
    c.unparsed_nats.erase(0, c.unparsed_nats.size() - stream.size());
  } else {
    c.unparsed_nats.assign(stream);
  }
}

void swarm::on_message(client& c, std::string_view message, std::int64_t now_ns) {
  switch (meaning_of(options_.speaks, message)) {
    case meaning::update: {
      const auto got = read_update(message);
      if (!got) break;
      latencies_.add(now_ns - got->stamp_ns);
      last_update_ns_ = now_ns;
      ++c.received;
      c.seq_sum += got->seq;
      ++counts_.delivered;
      counts_.bytes += message.size();
      return;
    }
    case meaning::answer:
      if (c.unanswered > 0) --c.unanswered;
      return;
    case meaning::ping:
      return append_ping_answer(c.unsent, options_.speaks);
    case meaning::other:
      return;
    case meaning::refusal:
      break;
  }
  ++counts_.refusals;
  if (counts_.first_refusal.empty()) counts_.first_refusal = message.substr(0, 200);
}

void swarm::subscribe(client& c, bool greet) {
  c.unanswered += append_subscribe(c.unsent, options_.speaks, options_.of, c.topics, ++command_id_, greet);
  c.subscribed = true;
}

void swarm::drop(client& c) {
  ::close(c.fd);
  if (c.is == client::phase::connecting || c.is == client::phase::upgrading) --connecting_;
  c.fd = -1;
  c.is = client::phase::closed;
  c.subscribed = false;
  c.waits_to_write = false;
  c.unanswered = 0;
  c.unsent.clear();
  c.unparsed.clear();
  c.unparsed_nats.clear();
}

void swarm::lose(client& c) {
  if (c.is != client::phase::open)
    throw std::runtime_error("the server closed a connection during its handshake");
  ++counts_.lost_connections;
  drop(c);
}

void swarm::expect(std::uint64_t updates, std::uint64_t first_seq) {
  per_topic_ = updates;
  first_seq_ = first_seq;
  counts_ = {};
  latencies_.clear();
  for (client& c : clients_) {
    c.received = 0;
    c.seq_sum = 0;
    c.unsteady = false;
  }
  expect_ns_ = last_update_ns_ = monotonic_ns();
}

void swarm::churn(double percent) {
  churn_per_s_ = percent / 100 * static_cast<double>(clients_.size());
  churn_since_ns_ = monotonic_ns();
  churn_done_ = 0;
  for (client& c : clients_) c.unsteady = percent > 0 && c.number % 2 == 1;
}

void swarm::churn_due() {
  const double elapsed_s = static_cast<double>(monotonic_ns() - churn_since_ns_) / 1e9;
  const auto due = static_cast<std::uint64_t>(elapsed_s * churn_per_s_);
  for (; churn_done_ < due; ++churn_done_) {
    const auto pairs = static_cast<std::uint32_t>(clients_.size() / 2);
    if (pairs == 0) return;
    next_to_churn_ = (next_to_churn_ + 1) % pairs;
    churn_step(clients_[next_to_churn_ * 2 + 1]);
  }
}

void swarm::churn_step(client& c) {
  if (c.is == client::phase::closed) {
    start_connect(c);
  } else if (!c.is_settled()) {
    return;
  } else if (!c.subscribed) {
    subscribe(c, false);
  } else if (c.number % 4 == 1 && can_resubscribe(options_.speaks)) {
    c.unanswered += append_unsubscribe(c.unsent, options_.speaks, options_.of, c.topics, ++command_id_);
    c.subscribed = false;
  } else {
    drop(c);
  }
  ++counts_.churn_steps;
  if (c.is == client::phase::open) send_unsent(c);
}

void swarm::turn(int timeout_ms) {
  std::array<epoll_event, 512> events{};
  const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
  if (ready < 0 && errno != EINTR) fail("epoll_wait");
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == control_token) {
      control_ready_ = true;
      continue;
    }
    client& c = clients_[static_cast<std::size_t>(event.data.u64)];
    if (c.is != client::phase::closed) on_event(c, event.events);
  }
}

bool swarm::run_until_readable(int control_fd, int timeout_ms) {
  const std::int64_t deadline = monotonic_ns() + timeout_ms * 1'000'000LL;
  watch(epoll_, control_fd, EPOLLIN, control_token, EPOLL_CTL_ADD);
  control_ready_ = false;
  while (!control_ready_ && (timeout_ms < 0 || monotonic_ns() < deadline)) {
    if (churn_per_s_ > 0) churn_due();
    turn(churn_per_s_ > 0 ? 5 : timeout_ms < 0 ? -1 : 20);
  }
  watch(epoll_, control_fd, 0, control_token, EPOLL_CTL_DEL);
  return control_ready_;
}

swarm_report swarm::report(double patience_s) {
  const auto patience_ns = static_cast<std::int64_t>(patience_s * 1e9);
  std::uint64_t steady = 0;
  std::uint64_t expected = 0;
  for (const client& c : clients_) {
    if (c.unsteady) continue;
    ++steady;
    expected += per_topic_ * c.topics.size();
  }
  const auto is_complete = [this](const client& c) {
    const std::uint64_t topics = c.topics.size();
    const std::uint64_t sum = topics * (per_topic_ * first_seq_ + per_topic_ * (per_topic_ - 1) / 2);
    return c.received == per_topic_ * topics && c.seq_sum == sum;
  };
  // With unsteady clients nobody knows the total, so only silence ends the waiting.
  const bool total_known = steady == clients_.size();
  const std::int64_t start = monotonic_ns();
  while (!(total_known && counts_.delivered >= expected) &&
         monotonic_ns() - std::max(start, last_update_ns_) < patience_ns) {
    turn(20);
  }
  swarm_report result = counts_;
  result.steady_clients = steady;
  for (const client& c : clients_) result.complete_clients += !c.unsteady && is_complete(c) ? 1 : 0;
  result.expected = total_known ? expected : 0;
  result.last_after_s = static_cast<double>(last_update_ns_ - expect_ns_) / 1e9;
  return result;
}

}  // namespace tickcast::bench
