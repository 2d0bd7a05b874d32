#include "protocol/codes.hpp"

#include "protocol/error.hpp"

namespace tickcast::protocol {

bool is_temporary(error_code code) noexcept {
  return code == error_code::internal || code == error_code::too_many_requests;
}

std::string_view to_string(error_code code) noexcept {
  switch (code) {
    case error_code::internal:
      return "internal";
    case error_code::unauthorized:
      return "unauthorized";
    case error_code::unknown_topic:
      return "unknown_topic";
    case error_code::permission_denied:
      return "permission_denied";
    case error_code::unknown_command:
      return "unknown_command";
    case error_code::already_subscribed:
      return "already_subscribed";
    case error_code::limit_exceeded:
      return "limit_exceeded";
    case error_code::bad_request:
      return "bad_request";
    case error_code::not_available:
      return "not_available";
    case error_code::token_expired:
      return "token_expired";
    case error_code::too_many_requests:
      return "too_many_requests";
    case error_code::conflict:
      return "conflict";
    case error_code::no_answer:
      return "no_answer";
  }
  return "unknown";
}

std::string_view to_string(close_code code) noexcept {
  switch (code) {
    case close_code::normal:
      return "normal";
    case close_code::protocol_error:
      return "protocol error";
    case close_code::bad_data:
      return "bad data";
    case close_code::too_big:
      return "too big";
    case close_code::internal:
      return "internal";
    case close_code::shutdown:
      return "shutdown";
    case close_code::server_error:
      return "server error";
    case close_code::expired:
      return "expired";
    case close_code::slow:
      return "slow";
    case close_code::no_pong:
      return "no pong";
    case close_code::invalid_token:
      return "invalid token";
    case close_code::bad_request:
      return "bad request";
    case close_code::not_signed_in:
      return "not signed in";
    case close_code::signed_out:
      return "signed out";
    case close_code::connection_limit:
      return "connection limit";
    case close_code::disconnected:
      return "disconnected";
  }
  return "unknown";
}

std::string_view to_string(errc code) noexcept {
  switch (code) {
    case errc::malformed:
      return "malformed";
    case errc::not_a_map:
      return "not_a_map";
    case errc::missing_field:
      return "missing_field";
    case errc::bad_field:
      return "bad_field";
    case errc::unknown_type:
      return "unknown_type";
    case errc::unsupported:
      return "unsupported";
    case errc::bad_topic:
      return "bad_topic";
    case errc::reserved_topic:
      return "reserved_topic";
    case errc::number_overflow:
      return "number_overflow";
    case errc::too_deep:
      return "too_deep";
    case errc::too_large:
      return "too_large";
    case errc::too_many_symbols:
      return "too_many_symbols";
    case errc::storage:
      return "storage";
  }
  return "unknown";
}

}  // namespace tickcast::protocol
