#include "net/shard.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace tickcast::net {
namespace {

constexpr std::chrono::milliseconds drain_step{100};

}  // namespace

std::size_t sweep_slices(const config::config& configuration) noexcept {
  const auto& listen = configuration.listen;
  const auto shortest =
      std::min({listen.ping_ms, listen.pong_ms, listen.handshake_ms, configuration.limits.stalled_ms});
  return static_cast<std::size_t>(std::clamp<std::int64_t>(shortest / 4 / sweep_interval.count(), 1, 10));
}

shard::shard(caf::actor_system& system, client_port& port, const config::config& configuration,
             std::size_t index)
    : context_(host_, port, configuration, index), host_(system, "shard-" + std::to_string(index)) {}

shard::~shard() {
  stop(std::chrono::milliseconds(0));
  context_.sessions.each([](session& left) { left.abort(); });
  listener_.reset();
  host_.finish();
  context_.flush.forget();
}

void shard::listen(const tcp::endpoint& endpoint) {
  listener_.emplace(context_, endpoint);
}

void shard::start(peer_source peers) {
  context_.peers = std::move(peers);
  sweep();
  if (listener_) listener_->start();
  thread_ = std::thread([this] {
    host_.run();
    ended_ = true;
  });
}

void shard::post(std::function<void(shard_context&)> what) {
  host_.post([this, what = std::move(what)] { what(context_); });
}

void shard::stop_accepting(std::function<void()> done) {
  host_.post([this, done = std::move(done)] {
    if (listener_) listener_->stop();
    done();
  });
}

void shard::configure(const config::config& next) {
  post([next](shard_context& context) {
    auto& ours = context.configuration;
    ours.listen.max_connections = next.listen.max_connections;
    ours.listen.ping_ms = next.listen.ping_ms;
    ours.listen.pong_ms = next.listen.pong_ms;
    ours.listen.allowed_origins = next.listen.allowed_origins;
    ours.listen.cors = next.listen.cors;
    ours.io.hold_ms = next.io.hold_ms;
    ours.limits = next.limits;
  });
}

void shard::drain(std::chrono::milliseconds window) {
  post([this, window](shard_context& context) {
    drain_some({++drain_run_, host_.now(), window, context.sessions.size()});
  });
}

void shard::drain_some(draining how) {
  auto& sessions = context_.sessions;
  if (!context_.port.draining || how.run != drain_run_ || sessions.empty()) return;
  const auto gone = std::chrono::duration_cast<std::chrono::milliseconds>(host_.now() - how.began);
  // Who came in just before is told at the end, with those who are left.
  const auto due = gone >= how.window ? how.told + sessions.size()
                                      : how.clients * static_cast<std::size_t>(gone.count()) /
                                            static_cast<std::size_t>(how.window.count());
  if (due > how.told)
    how.told +=
        sessions.some(due - how.told, how.run, [](session& s) { s.shut(protocol::close_code::shutdown); });
  host_.after(drain_step, [this, how] { drain_some(how); });
}

void shard::stop(std::chrono::milliseconds patience) {
  if (!thread_.joinable()) return;
  host_.post([this] {
    if (listener_) listener_->stop();
    context_.sessions.each([](session& left) { left.abort(); });
    host_.stop();
  });
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!ended_ && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (!ended_) host_.stop_now();
  thread_.join();
}

void shard::sweep() {
  const auto slices = sweep_slices(context_.configuration);
  context_.sessions.sweep(host_.now(), slices);
  if (++slice_ >= slices) {
    slice_ = 0;
    context_.counters.queue_bytes_largest.set(std::exchange(context_.largest_queue, 0));
  }
  host_.after(sweep_interval, [this] { sweep(); });
}

}  // namespace tickcast::net
