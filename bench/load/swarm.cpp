#include "bench/load/swarm.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>
#include <stdexcept>

#include "bench/load/system_call.hpp"

namespace tickcast::bench {
namespace {

/// Handshakes at once: below every server's backlog.
constexpr std::uint32_t connecting_limit = 100;
constexpr std::uint64_t control_token = ~std::uint64_t{0};

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
  watch(epoll_, EPOLL_CTL_ADD, control_fd, EPOLLIN, control_token);
  control_ready_ = false;
  while (!control_ready_ && (timeout_ms < 0 || monotonic_ns() < deadline)) {
    if (churn_per_s_ > 0) churn_due();
    turn(churn_per_s_ > 0 ? 5 : timeout_ms < 0 ? -1 : 20);
  }
  watch(epoll_, EPOLL_CTL_DEL, control_fd, 0, control_token);
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
