#pragma once
#include <cstdint>
#include <string_view>

namespace tickcast::protocol {

/// Codes of `error` frames. The numbers follow Centrifugo's classes, so that its users know them.
enum class error_code : std::uint16_t {
  internal = 100,
  unauthorized = 101,
  unknown_topic = 102,
  permission_denied = 103,
  unknown_command = 104,
  already_subscribed = 105,
  limit_exceeded = 106,
  bad_request = 107,
  not_available = 108,
  token_expired = 109,
  too_many_requests = 111,
  conflict = 112,   ///< the same idempotency key with other content
  no_answer = 113,  ///< a backend took the call and did not answer: it may have been done
};

/// Whether the same command may succeed later, unchanged.
bool is_temporary(error_code code) noexcept;
std::string_view to_string(error_code code) noexcept;

/// WebSocket close codes: 3000-3499 say reconnect, 3500-3999 say stay away.
enum class close_code : std::uint16_t {
  normal = 1000,
  protocol_error = 1002,
  bad_data = 1007,
  too_big = 1009,
  internal = 1011,
  shutdown = 3001,      ///< the server stops; come back (elsewhere)
  server_error = 3004,  ///< the connection's actor failed
  expired = 3005,       ///< the token ran out; come back with a new one
  slow = 3008,          ///< read nothing for limits.stalled_ms
  no_pong = 3012,       ///< answered no ping
  invalid_token = 3500,
  bad_request = 3501,    ///< frames that are not this protocol
  not_signed_in = 3502,  ///< nobody signed in where that is needed
  signed_out = 3503,     ///< the session has ended
  connection_limit = 3504,
  disconnected = 3505,  ///< a backend wants it so
};

/// A short reason for the close frame, e.g. "shutdown".
std::string_view to_string(close_code code) noexcept;

}  // namespace tickcast::protocol
