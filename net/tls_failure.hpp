#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tickcast::net {

/// Why a TLS handshake came to nothing.
enum class tls_failure : std::uint8_t {
  plain_http,  ///< the peer speaks HTTP without TLS; it is told so in a 400
  not_tls,     ///< rubbish, or a protocol that is none of TLS
  version,     ///< it offers nothing from TLS 1.2 on
  cipher,      ///< it offers no cipher suite that is taken
  refused,     ///< it sent an alert, as a rule because it does not trust the certificate
  gone,        ///< it left before the end
  unfinished,  ///< it did not come to an end in time
  other,
};
inline constexpr std::size_t tls_failure_count = 8;
inline constexpr std::array<std::string_view, tls_failure_count> tls_failure_names{
    "plain_http", "not_tls", "version", "cipher", "refused", "gone", "unfinished", "other"};

}  // namespace tickcast::net
