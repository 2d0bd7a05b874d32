#pragma once
#include <chrono>
#include <cstdint>

#include "actors/runtime/host.hpp"
#include "net/counters.hpp"
#include "net/tls_transport.hpp"

namespace tickcast::net {

/// Counts a shard's handshakes and sees to it that they leave the shard to others: a turn gives them a share
/// of its time, and whoever finds it used up goes on in the next. Thread: the shard's.
class tls_desk final : public tls_watcher {
public:
  /// One step with an RSA key takes about a millisecond; an update must not wait for many of them.
  static constexpr std::chrono::milliseconds time_a_turn{2};

  tls_desk(const actors::host& host, tls_counters& counters) : host_(host), counters_(counters) {}

  bool may_work() override {
    if (const auto turn = host_.turns(); turn != turn_) {
      turn_ = turn;
      used_ = {};
    }
    return used_ < time_a_turn;
  }
  void worked(std::chrono::nanoseconds time) override { used_ += time; }
  void shaken(bool resumed) override { (resumed ? counters_.resumed : counters_.full).add(); }
  void failed(tls_failure why) override { counters_.failed[static_cast<std::size_t>(why)].add(); }

private:
  const actors::host& host_;
  tls_counters& counters_;
  std::uint64_t turn_ = 0;
  std::chrono::nanoseconds used_{};
};

}  // namespace tickcast::net
