#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;

namespace tickcast::net {

/// What one side of TLS brings: the server its certificate and key, the client the authorities it trusts.
/// TLS 1.2 and 1.3, HTTP/1.1 by ALPN, tickets instead of a cache of sessions, no renegotiation.
///
/// Never changes once it is made, so any thread may use it; connections share it and keep it alive.
class tls_context {
public:
  /// From PEM files: the certificate with the chain behind it, and its key without a passphrase. Throws
  /// std::runtime_error with a sentence for the operator that begins with `section`: a file that cannot be
  /// read, a key that others may read or that belongs to another certificate, a certificate that is not valid
  /// now.
  static std::shared_ptr<const tls_context> server(const std::string& certificate, const std::string& key,
                                                   std::string_view section);
  /// Trusts the authorities in the PEM file `ca`, or the system's when it is empty. Throws std::runtime_error
  /// that names the file.
  static std::shared_ptr<const tls_context> client(const std::string& ca);

  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;
  ~tls_context();

  ssl_ctx_st* native() const noexcept { return context_; }
  /// When the server's certificate runs out, seconds since 1970.
  std::int64_t expires_s() const noexcept { return expires_s_; }

private:
  explicit tls_context(bool serves);
  void check_certificate(std::string_view section, const std::string& file);

  ssl_ctx_st* context_;
  std::int64_t expires_s_ = 0;
};

using tls_context_ptr = std::shared_ptr<const tls_context>;

/// What OpenSSL says of the last thing that failed on this thread; empties its list.
std::string tls_complaint();

}  // namespace tickcast::net
