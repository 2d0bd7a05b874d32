#include "net/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace tickcast::net {
namespace {

constexpr const char* ciphers_of_tls_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
constexpr unsigned char session_context[] = "tickcast";

/// HTTP/1.1 or nothing: who offers HTTP/2 alone would not understand our answers.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  const int found = SSL_select_next_proto(const_cast<unsigned char**>(chosen), size, http_1_1,
                                          sizeof http_1_1, offered, offered_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Without it OpenSSL would ask for the passphrase on the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

void require_readable(std::string_view section, std::string_view which, const std::string& file) {
  errno = 0;
  std::ifstream in(file);
  struct ::stat what {};
  if (!in || ::stat(file.c_str(), &what) != 0 || !S_ISREG(what.st_mode))
    throw std::runtime_error(
        fmt::format("{}.{}: cannot read {}: {}", section, which, file,
                    errno != 0 ? std::generic_category().message(errno) : "it is no file"));
  if (which == "key" && (what.st_mode & S_IRWXO) != 0)
    throw std::runtime_error(
        fmt::format("{}.key: others may read {}; take that from them (chmod o-rwx)", section, file));
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  return time != nullptr && ASN1_TIME_to_tm(time, &parts) == 1 ? ::timegm(&parts) : 0;
}

std::string day_of(std::int64_t time_s) {
  const std::time_t time = time_s;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts)};
}

}  // namespace

std::string tls_complaint() {
  std::string text;
  while (const auto code = ERR_get_error()) {
    const auto* reason = ERR_reason_error_string(code);
    if (text.empty() && reason != nullptr) text = reason;
  }
  return text.empty() ? "no reason is given" : text;
}

tls_context::tls_context(bool serves)
    : context_(SSL_CTX_new(serves ? TLS_server_method() : TLS_client_method())) {
  if (context_ == nullptr) throw std::runtime_error("TLS: " + tls_complaint());
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context_, ciphers_of_tls_1_2);
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Idle connections keep no buffers.
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
}

tls_context::~tls_context() {
  SSL_CTX_free(context_);
}

tls_context_ptr tls_context::server(const std::string& certificate, const std::string& key,
                                    std::string_view section) {
  require_readable(section, "certificate", certificate);
  require_readable(section, "key", key);
  const std::shared_ptr<tls_context> made(new tls_context(true));
  auto* context = made->context_;
  ERR_clear_error();
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    throw std::runtime_error(
        fmt::format("{}.certificate: {} holds no certificate in PEM form that can be used: {}", section,
                    certificate, tls_complaint()));
  made->check_certificate(section, certificate);
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1)
    throw std::runtime_error(
        fmt::format("{}.key: {} is not the key of {}, in PEM form and without a passphrase: {}", section, key,
                    certificate, tls_complaint()));
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  // Tickets are kept by the clients; a cache here would grow with them.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context, session_context, sizeof session_context - 1);
  SSL_CTX_set_num_tickets(context, 1);
  return made;
}

void tls_context::check_certificate(std::string_view section, const std::string& file) {
  const auto* certificate = SSL_CTX_get0_certificate(context_);
  const std::int64_t now = std::time(nullptr);
  const auto begins = seconds_of(X509_get0_notBefore(certificate));
  expires_s_ = seconds_of(X509_get0_notAfter(certificate));
  if (expires_s_ <= now)
    throw std::runtime_error(
        fmt::format("{}.certificate: the certificate in {} ran out on {}; clients would refuse it: renew it",
                    section, file, day_of(expires_s_)));
  if (begins > now)
    throw std::runtime_error(fmt::format(
        "{}.certificate: the certificate in {} is not valid before {}; is the machine's clock right?",
        section, file, day_of(begins)));
}

tls_context_ptr tls_context::client(const std::string& ca) {
  const std::shared_ptr<tls_context> made(new tls_context(false));
  auto* context = made->context_;
  ERR_clear_error();
  const bool known = ca.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                : SSL_CTX_load_verify_file(context, ca.c_str()) == 1;
  if (!known)
    throw std::runtime_error(fmt::format("{} holds no certificate that can be trusted: {}",
                                         ca.empty() ? "the system's store" : ca, tls_complaint()));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_alpn_protos(context, http_1_1, sizeof http_1_1);
  return made;
}

}  // namespace tickcast::net
