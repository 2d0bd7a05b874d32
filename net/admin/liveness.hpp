#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "actors/runtime/host.hpp"

namespace tickcast::net::admin {

/// Tells whether threads still turn: a host whose turn count has stood still for `patience` is stuck.
///
/// Thread: the admin's. Lifetime: the hosts outlive the last look.
class liveness {
public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds patience{5};

  void watch(const actors::host& host) { watched_.push_back({&host, 0, {}}); }
  /// Compares the counts with those of the last look; call it several times a second.
  void look(clock::time_point now);
  /// Names of the hosts that are stuck.
  std::vector<std::string> stuck(clock::time_point now) const;
  /// How long each host has not turned, by name.
  std::map<std::string, std::chrono::milliseconds> still(clock::time_point now) const;

private:
  struct watched {
    const actors::host* host;
    std::uint64_t turns;
    clock::time_point changed;  // zero: not looked at yet
  };
  std::vector<watched> watched_;
};

}  // namespace tickcast::net::admin
