#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/identity.hpp"
#include "config/config.hpp"

struct evp_pkey_st;

namespace tickcast::access {

/// One key that signs tokens. Its kind alone says which algorithms it may check, never the token: an RSA key
/// is no HMAC secret (RFC 8725, 2.1).
struct signing_key {
  enum class kind : std::uint8_t { hmac, rsa, ec };
  kind is = kind::hmac;
  std::size_t strength = 0;             ///< hmac: bytes; rsa, ec: bits
  std::string bytes;                    ///< hmac: the secret
  std::shared_ptr<evp_pkey_st> parsed;  ///< rsa, ec: the public key, as OpenSSL has it
};

/// The kind of what a key file holds. A secret may end in a line break, which is not part of it. Throws
/// std::runtime_error for a PEM that holds no RSA or EC key, an RSA key of less than 2048 bits, an empty
/// file.
signing_key read_signing_key(std::string bytes);
/// Whether this key may check this algorithm (RFC 7518, 3.1): HS256 takes secrets of 32 bytes and more (3.2),
/// ES256 keys on P-256.
bool fits(const signing_key& key, std::string_view algorithm) noexcept;

/// Checks JSON Web Tokens (RFC 7519) by libjwt, signatures of public keys by OpenSSL (signature.hpp). The
/// keys are an immutable value, so that a check never waits for a reading.
class jwt_checker {
public:
  struct key_ring {
    std::map<std::string, signing_key, std::less<>> by_kid;
    std::vector<signing_key> unnamed;  ///< for tokens without `kid`, and those whose kid is not in by_kid
  };

  explicit jwt_checker(const config::jwt_section& settings) : settings_(settings) {}

  bool is_set_up() const noexcept { return !settings_.algorithms.empty(); }
  /// The files that read_keys() reads.
  std::vector<std::string> files() const;
  /// Reads all files. Throws std::runtime_error with a sentence for the operator.
  key_ring read_keys() const;

  /// Whose token it is, `now_s` being the wall clock. A token without `exp` does not run out.
  verdict check(std::string_view token, const key_ring& keys, std::int64_t now_s) const;

private:
  verdict read_claims(const std::string& json, std::int64_t now_s) const;

  config::jwt_section settings_;
};

/// A token longer than this is refused unread.
inline constexpr std::size_t longest_token = 8192;

}  // namespace tickcast::access
