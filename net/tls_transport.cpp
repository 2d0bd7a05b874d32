#include "net/tls_transport.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string_view>

namespace tickcast::net {
namespace {

/// What one record of TLS carries (RFC 8446, 5.1).
constexpr std::size_t largest_record = 16 * 1024;
/// A peer that makes us answer (key updates) without reading the answers is cut off here.
constexpr std::size_t most_unsent = 4 * largest_record;
/// Bytes read from the socket in one try, so that records without data cannot keep the thread.
constexpr std::size_t read_allowance = 8 * largest_record;

constexpr std::string_view told_plain_http =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
    "114\r\n\r\n"
    R"({"error":{"status":400,"code":"bad_request","message":"this port speaks TLS alone: ask it by https:// or wss://"}})";

tls_failure failure_for(unsigned long code) {
  const int reason = ERR_GET_REASON(code);
  if (reason > SSL_AD_REASON_OFFSET) return tls_failure::refused;
  switch (reason) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
      return tls_failure::plain_http;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_VERSION_TOO_LOW:
      return tls_failure::version;
    case SSL_R_NO_SHARED_CIPHER:
      return tls_failure::cipher;
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_BAD_RECORD_TYPE:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_LENGTH_MISMATCH:
    case SSL_R_RECORD_TOO_SMALL:
      return tls_failure::not_tls;
    default:
      return tls_failure::other;
  }
}

/// OpenSSL does the cryptography on what its BIO brings; the socket stays ours. Writing never blocks: what
/// the kernel does not take waits in `unsent_`, at most one record as a rule, so that a frame counts as moved
/// once it is encrypted and nothing has to be offered to OpenSSL twice.
class tls_transport final : public transport {
public:
  tls_transport(tcp_socket&& socket, tls_context_ptr context, tls_watcher* watcher)
      : transport(std::move(socket)),
        context_(std::move(context)),
        ssl_(SSL_new(context_->native())),
        watcher_(watcher) {
    auto* bio = ssl_ != nullptr ? BIO_new(socket_bio()) : nullptr;
    if (bio == nullptr) {
      SSL_free(ssl_);
      throw std::bad_alloc();
    }
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_, bio, bio);
  }

  ~tls_transport() override {
    if (!shaken_ && !broken_) note_failure(tls_failure::unfinished);
    SSL_free(ssl_);
  }

  SSL* native() noexcept { return ssl_; }

  transfer try_write(const iovec* buffers, int count) noexcept override {
    if (const auto ready = push_out(); ready != transfer::status::moved) return {ready, 0};
    if (const auto ready = shake_hands(); ready != transfer::status::moved) return {ready, 0};
    std::size_t moved = 0;
    std::size_t offset = 0;  // into *buffers
    while (count > 0 && unsent_.empty()) {
      std::string_view record = next_record(buffers, count, offset);
      if (record.empty()) break;
      ERR_clear_error();
      const int wrote = SSL_write(ssl_, record.data(), static_cast<int>(record.size()));
      if (wrote <= 0) {
        if (moved == 0) return {outcome(wrote), 0};
        break;
      }
      moved += record.size();
    }
    return {transfer::status::moved, moved};
  }

  transfer try_read(const iovec* buffers, int) noexcept override {
    if (const auto ready = shake_hands(); ready != transfer::status::moved) return {ready, 0};
    allowance_ = read_allowance;
    ERR_clear_error();
    const auto most = std::min<std::size_t>(buffers->iov_len, INT_MAX);
    const int got = SSL_read(ssl_, buffers->iov_base, static_cast<int>(most));
    if (got > 0) return {transfer::status::moved, static_cast<std::size_t>(got)};
    return {outcome(got), 0};
  }

  bool has_pending() const noexcept override { return SSL_pending(ssl_) > 0; }

  transfer::status push_out() noexcept override {
    if (broken_) return transfer::status::failed;
    while (!unsent_.empty()) {
      const auto sent = send_some(unsent_.data(), unsent_.size());
      if (sent < 0) return transfer::status::failed;
      if (sent == 0) return transfer::status::want_write;
      unsent_.erase(0, static_cast<std::size_t>(sent));
    }
    if (unsent_.capacity() > 64) std::string().swap(unsent_);
    return transfer::status::moved;
  }

  transfer::status shake_hands() noexcept override {
    if (broken_) return transfer::status::failed;
    if (shaken_) return transfer::status::moved;
    if (watcher_ != nullptr && !watcher_->may_work()) return transfer::status::want_read;
    using clock = std::chrono::steady_clock;
    const auto begin = clock::now();
    allowance_ = read_allowance;
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_);
    shaken_ = done == 1;
    const auto result = shaken_ ? transfer::status::moved : outcome(done);
    if (watcher_ != nullptr) {
      watcher_->worked(clock::now() - begin);
      if (shaken_) watcher_->shaken(SSL_session_reused(ssl_) != 0);
    }
    return result;
  }

  void finish() noexcept override {
    ERR_clear_error();
    if (shaken_ && !broken_) SSL_shutdown(ssl_);
    transport::finish();
  }

  std::string complaint() const override { return complaint_; }

private:
  static BIO_METHOD* socket_bio() {
    static BIO_METHOD* const method = [] {
      auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "a client's socket");
      if (made == nullptr) throw std::bad_alloc();
      BIO_meth_set_read(made, [](BIO* bio, char* into, int size) {
        BIO_clear_retry_flags(bio);
        return static_cast<tls_transport*>(BIO_get_data(bio))->receive(bio, into, size);
      });
      BIO_meth_set_write(made, [](BIO* bio, const char* from, int size) {
        BIO_clear_retry_flags(bio);
        return static_cast<tls_transport*>(BIO_get_data(bio))->take(from, size);
      });
      BIO_meth_set_ctrl(made,
                        [](BIO*, int what, long, void*) -> long { return what == BIO_CTRL_FLUSH ? 1 : 0; });
      return made;
    }();
    return method;
  }

  int receive(BIO* bio, char* into, int size) noexcept {
    for (;;) {
      if (allowance_ == 0) {
        BIO_set_retry_read(bio);
        return -1;
      }
      const auto most = std::min<std::size_t>(static_cast<std::size_t>(size), allowance_);
      const auto got = ::recv(socket().native_handle(), into, most, MSG_DONTWAIT);
      if (got > 0) {
        allowance_ -= static_cast<std::size_t>(got);
        return static_cast<int>(got);
      }
      if (got == 0) {
        ended_ = true;
        return 0;
      }
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) BIO_set_retry_read(bio);
      return -1;
    }
  }

  /// What OpenSSL writes: all of it goes or waits.
  int take(const char* from, int size) noexcept {
    std::string_view rest(from, static_cast<std::size_t>(size));
    if (unsent_.empty()) {
      const auto sent = send_some(rest.data(), rest.size());
      if (sent < 0) return -1;
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    if (unsent_.size() + rest.size() > most_unsent) return -1;
    try {
      unsent_.append(rest);
    } catch (const std::bad_alloc&) {
      return -1;
    }
    return size;
  }

  /// Bytes the kernel has taken; -1: the connection is gone.
  ssize_t send_some(const char* from, std::size_t size) noexcept {
    for (;;) {
      const auto sent = ::send(socket().native_handle(), from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) return sent;
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
    }
  }

  /// Small frames share a record; large ones are read where they lie.
  static std::string_view next_record(const iovec*& buffers, int& count, std::size_t& offset) noexcept {
    thread_local std::array<char, largest_record> gathered;
    std::size_t filled = 0;
    while (count > 0 && filled < largest_record) {
      const auto* from = static_cast<const char*>(buffers->iov_base) + offset;
      const auto left = buffers->iov_len - offset;
      const auto part = std::min(left, largest_record - filled);
      const bool whole = part == left;
      const bool alone = filled == 0 && (part == largest_record || (whole && count == 1));
      if (!alone) std::memcpy(gathered.data() + filled, from, part);
      filled += part;
      offset = whole ? 0 : offset + part;
      if (whole) {
        ++buffers;
        --count;
      }
      if (alone) return {from, part};
    }
    return {gathered.data(), filled};
  }

  /// What a call that returned `result` asks for, or that the connection is over.
  transfer::status outcome(int result) noexcept {
    switch (SSL_get_error(ssl_, result)) {
      case SSL_ERROR_WANT_READ:
        return unsent_.empty() ? transfer::status::want_read : push_and_want();
      case SSL_ERROR_WANT_WRITE:
        return transfer::status::want_write;
      case SSL_ERROR_ZERO_RETURN:
        if (shaken_) return transfer::status::ended;
        ended_ = true;
        break;
      default:
        break;
    }
    broken_ = true;
    const auto code = ERR_peek_error();
    const auto why = code == 0 ? tls_failure::gone : failure_for(code);
    explain(code);
    if (!shaken_) {
      note_failure(why);
      if (why == tls_failure::plain_http) tell_plain_http();
    }
    ERR_clear_error();
    return ended_ && shaken_ ? transfer::status::ended : transfer::status::failed;
  }

  transfer::status push_and_want() noexcept {
    const auto pushed = push_out();
    return pushed == transfer::status::moved ? transfer::status::want_read : pushed;
  }

  void note_failure(tls_failure why) noexcept {
    if (watcher_ != nullptr) watcher_->failed(why);
  }

  void explain(unsigned long code) noexcept {
    if (watcher_ != nullptr) return;
    const auto verdict = SSL_get_verify_result(ssl_);
    const char* text = verdict != X509_V_OK ? X509_verify_cert_error_string(verdict)
                       : code != 0          ? ERR_reason_error_string(code)
                                            : nullptr;
    try {
      complaint_ = text != nullptr ? text : "the connection was closed in the handshake";
    } catch (const std::bad_alloc&) {
    }
  }

  void tell_plain_http() noexcept {
    send_some(told_plain_http.data(), told_plain_http.size());
    transport::finish();
    // Closing with something unread would reset the connection, and the answer with it.
    std::array<char, 4096> unread;
    for (int i = 0; i < 4; ++i)
      if (::recv(socket().native_handle(), unread.data(), unread.size(), MSG_DONTWAIT) <= 0) break;
  }

  tls_context_ptr context_;
  SSL* ssl_;
  tls_watcher* watcher_;
  std::string unsent_;
  std::string complaint_;
  std::size_t allowance_ = 0;
  bool shaken_ = false;
  bool broken_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<transport> make_tls_transport(tcp_socket&& socket, tls_context_ptr context,
                                              tls_watcher* watcher) {
  auto made = std::make_unique<tls_transport>(std::move(socket), std::move(context), watcher);
  SSL_set_accept_state(made->native());
  return made;
}

std::unique_ptr<transport> make_tls_client_transport(tcp_socket&& socket, tls_context_ptr context,
                                                     const std::string& host) {
  auto made = std::make_unique<tls_transport>(std::move(socket), std::move(context), nullptr);
  auto* ssl = made->native();
  SSL_set_connect_state(ssl);
  error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  if (!not_an_address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set1_host(ssl, host.c_str());
    SSL_set_tlsext_host_name(ssl, host.c_str());
  }
  return made;
}

}  // namespace tickcast::net
