#pragma once
#include <string_view>

#include "access/jwt.hpp"

namespace tickcast::access {

/// Whether `token` (head.claims.signature) is signed by this RSA or EC key (RFC 7518, 3.3 and 3.4), checked
/// by OpenSSL on a key that was parsed once: libjwt would parse its PEM for each token, which costs ten times
/// the check. `algorithm` fits the key. Any thread.
bool is_signed_by_public_key(std::string_view token, const signing_key& key, std::string_view algorithm);

}  // namespace tickcast::access
