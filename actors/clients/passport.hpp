#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "access/identity.hpp"
#include "actors/runtime/host.hpp"

namespace tickcast::actors {

/// What a connection keeps of its client's sign-in; one that never signs in has none.
struct passport {
  enum class step : std::uint8_t {
    none,       ///< nothing is being asked
    handshake,  ///< what came with the handshake is being judged
    connect,    ///< what `connect` showed is
    refresh,    ///< a new token is
    look,       ///< what was shown before is looked at again
  };

  std::shared_ptr<const access::credentials> shown;  ///< what the client is known by
  step asking = step::none;
  std::uint64_t ticket = 0;      ///< of the newest question
  std::uint64_t command_id = 0;  ///< of the connect or refresh that waits for the verdict
  /// Commands that came while a sign-in was being judged, to be taken in order.
  std::vector<std::string> held;
  host::clock::time_point expires = host::clock::time_point::max();
  host::clock::time_point next_look = host::clock::time_point::max();
  std::int64_t expires_us = 0;  ///< wall clock, as clients are told
  bool warned = false;

  bool judging() const noexcept { return asking == step::handshake || asking == step::connect; }
};

}  // namespace tickcast::actors
