#include "access/signature.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "access/base64url.hpp"

namespace tickcast::access {
namespace {

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Tokens hold the two numbers of an EC signature side by side, OpenSSL wants them in DER.
std::optional<std::string> to_der(std::string_view numbers, std::size_t bits) {
  const auto half = (bits + 7) / 8;
  if (numbers.size() != 2 * half) return std::nullopt;
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> made(ECDSA_SIG_new(), &ECDSA_SIG_free);
  auto* r = BN_bin2bn(raw(numbers), static_cast<int>(half), nullptr);
  auto* s = BN_bin2bn(raw(numbers) + half, static_cast<int>(half), nullptr);
  if (!made || !r || !s || ECDSA_SIG_set0(made.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return std::nullopt;
  }
  const auto size = i2d_ECDSA_SIG(made.get(), nullptr);
  if (size <= 0) return std::nullopt;
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* to = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(made.get(), &to);
  return der;
}

}  // namespace

bool is_signed_by_public_key(std::string_view token, const signing_key& key, std::string_view algorithm) {
  if (!key.parsed || std::count(token.begin(), token.end(), '.') != 2) return false;
  const auto dot = token.rfind('.');
  const auto text = token.substr(0, dot);
  auto signature = from_base64url(token.substr(dot + 1));
  if (signature && key.is == signing_key::kind::ec) signature = to_der(*signature, key.strength);
  if (!signature || signature->empty()) return false;
  const auto bits = algorithm.substr(2);
  const auto* hash = bits == "256" ? EVP_sha256() : bits == "384" ? EVP_sha384() : EVP_sha512();
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> check(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return check && EVP_DigestVerifyInit(check.get(), nullptr, hash, nullptr, key.parsed.get()) == 1 &&
         EVP_DigestVerify(check.get(), raw(*signature), signature->size(), raw(text), text.size()) == 1;
}

}  // namespace tickcast::access
