#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <zlib.h>

#include <array>
#include <optional>

#include "access/base64url.hpp"
#include "access/django_session.hpp"

namespace tickcast::access {
namespace {

constexpr std::string_view salt = "django.contrib.sessions.backends.signed_cookies";
constexpr std::size_t longest_cookie = 8192;
constexpr std::size_t largest_unpacked = 256 * 1024;

using digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Nothing when it is no zlib stream, or unpacks to more than a session may have.
std::optional<std::string> unpack(const std::string& bytes) {
  std::string out(largest_unpacked, '\0');
  auto size = static_cast<uLongf>(out.size());
  if (::uncompress(reinterpret_cast<Bytef*>(out.data()), &size, raw(bytes),
                   static_cast<uLong>(bytes.size())) != Z_OK)
    return std::nullopt;
  out.resize(size);
  return out;
}

bool is_signed_by(std::string_view value, std::string_view signature, const std::string& secret) {
  const std::string seed = std::string(salt) + "signer" + secret;
  digest key{};
  SHA256(raw(seed), seed.size(), key.data());
  digest sum{};
  unsigned size = 0;
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), raw(value), value.size(), sum.data(),
            &size))
    return false;
  const auto wanted = to_base64url({reinterpret_cast<const char*>(sum.data()), sum.size()});
  return wanted.size() == signature.size() &&
         CRYPTO_memcmp(wanted.data(), signature.data(), wanted.size()) == 0;
}

/// Seconds in base 62, as Django writes times.
std::optional<std::int64_t> read_base62(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (text.empty() || text.size() > 9) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value * 62 + static_cast<std::int64_t>(digit);
  }
  return value;
}

}  // namespace

verdict read_signed_cookie(const config::django_section& settings, std::string_view cookie,
                           const std::vector<std::string>& secrets, std::int64_t now_us) {
  const auto malformed = [] { return refuse(reason::malformed, "the session cookie cannot be read"); };
  if (cookie.size() > longest_cookie) return malformed();
  const auto before_signature = cookie.rfind(':');
  if (before_signature == std::string_view::npos) return malformed();
  const auto value = cookie.substr(0, before_signature);
  const auto signature = cookie.substr(before_signature + 1);
  bool is_ours = false;
  for (const auto& secret : secrets) is_ours = is_ours || is_signed_by(value, signature, secret);
  if (!is_ours) return refuse(reason::bad_signature, "the session cookie's signature is wrong");

  const auto before_time = value.rfind(':');
  if (before_time == std::string_view::npos) return malformed();
  const auto signed_s = read_base62(value.substr(before_time + 1));
  if (!signed_s) return malformed();
  const auto expires_us = (*signed_s + settings.cookie_age_s) * 1'000'000;
  if (now_us >= expires_us) return refuse(reason::expired, "the session has expired: sign in again");

  auto data = value.substr(0, before_time);
  const bool packed = data.starts_with('.');
  if (packed) data.remove_prefix(1);
  auto bytes = from_base64url(data);
  if (bytes && packed) bytes = unpack(*bytes);
  if (!bytes) return malformed();
  return read_session(settings, *bytes, expires_us);
}

}  // namespace tickcast::access
