#include "access/jwt.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "access/key_file.hpp"
#include "access/signature.hpp"

namespace tickcast::access {
namespace {

using nlohmann::json;

struct free_token {
  void operator()(jwt_t* token) const noexcept { jwt_free(token); }
};
using token_ptr = std::unique_ptr<jwt_t, free_token>;
struct free_text {
  void operator()(char* text) const noexcept { std::free(text); }
};

token_ptr decode(const std::string& token, const signing_key* key) {
  jwt_t* raw = nullptr;
  const auto* bytes = key ? reinterpret_cast<const unsigned char*>(key->bytes.data()) : nullptr;
  const int failed = jwt_decode(&raw, token.c_str(), bytes, key ? static_cast<int>(key->bytes.size()) : 0);
  token_ptr made(raw);
  return failed == 0 ? std::move(made) : nullptr;
}

bool is_signed_by(const std::string& token, const signing_key& key, const std::string& algorithm) {
  if (key.is != signing_key::kind::hmac) return is_signed_by_public_key(token, key, algorithm);
  const auto checked = decode(token, &key);
  return checked && jwt_alg_str(jwt_get_alg(checked.get())) == algorithm;
}

bool takes(const std::vector<std::string>& algorithms, std::string_view name) {
  return std::find(algorithms.begin(), algorithms.end(), name) != algorithms.end();
}

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer() || value.is_boolean()) return value.dump();
  return {};
}

std::vector<std::string> texts_of(const json& value) {
  std::vector<std::string> all;
  if (value.is_array()) {
    for (const auto& each : value)
      if (auto text = text_of(each); !text.empty()) all.push_back(std::move(text));
  } else if (auto text = text_of(value); !text.empty()) {
    all.push_back(std::move(text));
  }
  return all;
}

/// Seconds since 1970; RFC 7519 allows fractions. False: there is something else.
bool read_date(const json& claims, const char* name, std::optional<double>& to) {
  const auto found = claims.find(name);
  if (found == claims.end()) return true;
  if (!found->is_number()) return false;
  to = found->get<double>();
  return *to > -1e11 && *to < 1e11;
}

}  // namespace

signing_key read_signing_key(std::string bytes) {
  signing_key key;
  if (bytes.find("-----BEGIN") == std::string::npos) {
    while (!bytes.empty() && (bytes.back() == '\n' || bytes.back() == '\r')) bytes.pop_back();
    if (bytes.empty()) throw std::runtime_error("holds nothing");
    key.strength = bytes.size();
    key.bytes = std::move(bytes);
    return key;
  }
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())), &BIO_free);
  const std::shared_ptr<EVP_PKEY> parsed(PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr),
                                         &EVP_PKEY_free);
  if (!parsed) throw std::runtime_error("holds no public key in PEM (-----BEGIN PUBLIC KEY-----)");
  key.strength = static_cast<std::size_t>(EVP_PKEY_bits(parsed.get()));
  switch (EVP_PKEY_base_id(parsed.get())) {
    case EVP_PKEY_RSA:
      key.is = signing_key::kind::rsa;
      if (key.strength < 2048) throw std::runtime_error("holds an RSA key of less than 2048 bits");
      break;
    case EVP_PKEY_EC:
      key.is = signing_key::kind::ec;
      break;
    default:
      throw std::runtime_error("holds a key that is neither RSA nor EC");
  }
  key.parsed = parsed;
  return key;
}

bool fits(const signing_key& key, std::string_view algorithm) noexcept {
  const auto bits = algorithm.size() == 5 ? algorithm.substr(2) : std::string_view{};
  const std::size_t hash = bits == "256" ? 256 : bits == "384" ? 384 : bits == "512" ? 512 : 0;
  if (hash == 0) return false;
  if (algorithm.starts_with("HS")) return key.is == signing_key::kind::hmac && key.strength >= hash / 8;
  if (algorithm.starts_with("RS")) return key.is == signing_key::kind::rsa;
  const std::size_t curve = hash == 512 ? 521 : hash;
  return algorithm.starts_with("ES") && key.is == signing_key::kind::ec && key.strength == curve;
}

std::vector<std::string> jwt_checker::files() const {
  std::vector<std::string> all;
  if (!is_set_up()) return all;
  for (const auto* path : {&settings_.secret_file, &settings_.public_key_file})
    if (!path->empty()) all.push_back(*path);
  for (const auto& named : settings_.keys) all.push_back(named.second);
  return all;
}

jwt_checker::key_ring jwt_checker::read_keys() const {
  key_ring ring;
  const auto read = [&](const std::string& path, const std::string& meant_for) {
    try {
      auto key = read_signing_key(key_file(path, meant_for, key_file::secrecy::open).read());
      if (key.is == signing_key::kind::hmac) key_file(path, meant_for, key_file::secrecy::owner_only).read();
      if (std::none_of(settings_.algorithms.begin(), settings_.algorithms.end(),
                       [&](const std::string& name) { return fits(key, name); }))
        throw std::runtime_error(fmt::format(
            "holds a key that none of auth.jwt.algorithms ({}) can use; an HS256 secret has 32 bytes or more",
            fmt::join(settings_.algorithms, ", ")));
      return key;
    } catch (const std::runtime_error& wrong) {
      const std::string_view why = wrong.what();
      if (why.starts_with(meant_for)) throw;
      throw std::runtime_error(fmt::format("{}: {} {}", meant_for, path, why));
    }
  };
  if (!settings_.secret_file.empty())
    ring.unnamed.push_back(read(settings_.secret_file, "auth.jwt.secret_file"));
  if (!settings_.public_key_file.empty())
    ring.unnamed.push_back(read(settings_.public_key_file, "auth.jwt.public_key_file"));
  for (const auto& [kid, path] : settings_.keys)
    ring.by_kid.emplace(kid, read(path, fmt::format("auth.jwt.keys.{}", kid)));
  if (ring.unnamed.empty() && ring.by_kid.empty())
    throw std::runtime_error(
        "auth.jwt.algorithms is set and no key is: set secret_file, public_key_file or keys");
  return ring;
}

verdict jwt_checker::check(std::string_view text, const key_ring& keys, std::int64_t now_s) const {
  if (!is_set_up()) return refuse(reason::not_taken, "this server takes no tokens: leave `token` out");
  if (text.size() > longest_token || text.find('\0') != std::string_view::npos)
    return refuse(reason::malformed, "the token cannot be read: it is no JSON Web Token");
  const std::string token(text);
  const auto unchecked = decode(token, nullptr);
  if (!unchecked) return refuse(reason::malformed, "the token cannot be read: it is no JSON Web Token");
  // Without a key libjwt forgets the algorithm; the header still has it.
  const char* named_algorithm = jwt_get_header(unchecked.get(), "alg");
  const std::string algorithm = named_algorithm ? named_algorithm : "none";
  if (!takes(settings_.algorithms, algorithm))
    return refuse(reason::bad_algorithm,
                  fmt::format("the token's algorithm is not taken: this server takes {}",
                              fmt::join(settings_.algorithms, ", ")));
  std::vector<const signing_key*> candidates;
  const char* kid = jwt_get_header(unchecked.get(), "kid");
  if (const auto named = kid ? keys.by_kid.find(std::string_view(kid)) : keys.by_kid.end();
      named != keys.by_kid.end())
    candidates.push_back(&named->second);
  else
    for (const auto& key : keys.unnamed) candidates.push_back(&key);
  if (candidates.empty())
    return refuse(reason::unknown_key, "the token is signed by a key that this server does not know");
  bool any_fits = false;
  for (const auto* key : candidates) {
    if (!fits(*key, algorithm)) continue;
    any_fits = true;
    if (!is_signed_by(token, *key, algorithm)) continue;
    const std::unique_ptr<char, free_text> claims(jwt_get_grants_json(unchecked.get(), nullptr));
    return read_claims(claims ? claims.get() : "", now_s);
  }
  if (!any_fits) return refuse(reason::bad_algorithm, "the token's algorithm does not fit the key it names");
  return refuse(reason::bad_signature, "the token's signature is wrong");
}

verdict jwt_checker::read_claims(const std::string& text, std::int64_t now_s) const {
  const auto claims = json::parse(text, nullptr, false);
  if (!claims.is_object()) return refuse(reason::malformed, "the token holds no claims");
  const double leeway = static_cast<double>(settings_.leeway_ms) / 1000;
  const auto now = static_cast<double>(now_s);
  std::optional<double> expires;
  std::optional<double> begins;
  if (!read_date(claims, "exp", expires) || !read_date(claims, "nbf", begins))
    return refuse(reason::malformed, "the token's `exp` and `nbf` are seconds since 1970 UTC");
  if (expires && now >= *expires + leeway)
    return refuse(reason::expired, "the token has expired: get a new one");
  if (begins && now < *begins - leeway)
    return refuse(reason::not_yet_valid, "the token is not valid yet: look at the signer's clock");
  if (!settings_.issuer.empty() && text_of(claims.value("iss", json())) != settings_.issuer)
    return refuse(reason::wrong_issuer, "the token is from another issuer");
  if (!settings_.audience.empty() && !takes(texts_of(claims.value("aud", json())), settings_.audience))
    return refuse(reason::wrong_audience, "the token is for another audience");
  identity who;
  who.by = proof::token;
  who.user = text_of(claims.value(settings_.user_claim, json()));
  if (who.user.empty() || who.user.size() > 256)
    return refuse(reason::no_user, fmt::format("the token names no user in `{}`", settings_.user_claim));
  who.name = text_of(claims.value(settings_.name_claim, json()));
  who.groups = texts_of(claims.value(settings_.groups_claim, json()));
  for (const auto& [name, value] : claims.items())
    if (auto texts = texts_of(value); !texts.empty()) who.claims.emplace(name, std::move(texts));
  if (expires) who.expires_us = static_cast<std::int64_t>((*expires + leeway) * 1e6);
  return who;
}

}  // namespace tickcast::access
