#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

/// Who somebody is, and what they show for it. Plain values.
namespace tickcast::access {

/// By what somebody has proven who they are.
enum class proof : std::uint8_t { none, token, api_key, session, callback, gateway };
inline constexpr std::size_t proof_count = 6;
std::string_view to_string(proof by) noexcept;

struct identity {
  std::string user;                 ///< empty: anonymous. Of a program: `key:` and its key's name
  std::string name;                 ///< for people; may be empty
  std::vector<std::string> groups;  ///< in the order they came
  std::map<std::string, std::vector<std::string>> claims;  ///< of a token: its texts, numbers and lists
  proof by = proof::none;
  std::int64_t expires_us = 0;  ///< wall clock; 0: does not run out by itself

  bool signed_in() const noexcept { return !user.empty(); }
};

/// What a client shows. Of several the first that is there counts: gateway, token, key, session.
struct credentials {
  std::string token;           ///< a JSON Web Token
  std::string api_key;         ///< a program's key
  std::string session;         ///< value of Django's session cookie
  std::string gateway_user;    ///< what the trusted gateway says
  std::string gateway_name;    ///< the same
  std::string gateway_groups;  ///< the same, separated by commas

  bool empty() const noexcept {
    return token.empty() && api_key.empty() && session.empty() && gateway_user.empty();
  }
};

/// Why somebody is not who they say. Each has one counter in `/metrics` (label `reason`).
enum class reason : std::uint8_t {
  not_taken,       ///< this way of signing in is not set up here
  malformed,       ///< cannot be read
  bad_algorithm,   ///< signed in a way that is not taken, or that does not fit the key
  unknown_key,     ///< no key of ours has that `kid`, or no API key is that one
  bad_signature,   ///< signed by somebody else, or changed since
  expired,         ///< was right once
  not_yet_valid,   ///< will be right later
  wrong_audience,  ///< is for somebody else
  wrong_issuer,    ///< is from somebody else
  no_user,         ///< names nobody
  no_session,      ///< the session does not exist, or has ended
  anonymous,       ///< nobody signed in, and that is not enough here
  refused,         ///< the backend said no
  unreachable,     ///< the backend or Redis did not answer: try again
  overloaded,      ///< too many wait: try again
  another_user,    ///< refreshed by somebody else's token
};
inline constexpr std::size_t reason_count = 16;
std::string_view to_string(reason why) noexcept;
/// Whether the same credentials may be right in a moment.
constexpr bool is_temporary(reason why) noexcept {
  return why == reason::unreachable || why == reason::overloaded;
}

/// A refusal: the reason to count and a sentence that says what to do. It never repeats a secret.
struct refusal {
  reason why;
  std::string message;
};

using verdict = tl::expected<identity, refusal>;

inline tl::unexpected<refusal> refuse(reason why, std::string message) {
  return tl::unexpected(refusal{why, std::move(message)});
}

}  // namespace tickcast::access
