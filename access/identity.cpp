#include "access/identity.hpp"

namespace tickcast::access {

std::string_view to_string(proof by) noexcept {
  switch (by) {
    case proof::none:
      return "none";
    case proof::token:
      return "token";
    case proof::api_key:
      return "api_key";
    case proof::session:
      return "session";
    case proof::callback:
      return "callback";
    case proof::gateway:
      return "gateway";
  }
  return "unknown";
}

std::string_view to_string(reason why) noexcept {
  switch (why) {
    case reason::not_taken:
      return "not_taken";
    case reason::malformed:
      return "malformed";
    case reason::bad_algorithm:
      return "bad_algorithm";
    case reason::unknown_key:
      return "unknown_key";
    case reason::bad_signature:
      return "bad_signature";
    case reason::expired:
      return "expired";
    case reason::not_yet_valid:
      return "not_yet_valid";
    case reason::wrong_audience:
      return "wrong_audience";
    case reason::wrong_issuer:
      return "wrong_issuer";
    case reason::no_user:
      return "no_user";
    case reason::no_session:
      return "no_session";
    case reason::anonymous:
      return "anonymous";
    case reason::refused:
      return "refused";
    case reason::unreachable:
      return "unreachable";
    case reason::overloaded:
      return "overloaded";
    case reason::another_user:
      return "another_user";
  }
  return "unknown";
}

}  // namespace tickcast::access
