#include "config/keys.hpp"

namespace tickcast::config {

std::string_view choice_ref::get() const {
  for (const auto& [word, value] : words_)
    if (value == get_()) return word;
  return "?";
}

bool choice_ref::set(std::string_view word) const {
  for (const auto& [known, value] : words_)
    if (known == word) {
      set_(value);
      return true;
    }
  return false;
}

std::vector<std::string_view> choice_ref::words() const {
  std::vector<std::string_view> result;
  for (const auto& entry : words_) result.push_back(entry.first);
  return result;
}

void describe(config& values, key_visitor& visitor) {
  describe_server(values, visitor);
  describe_market(values, visitor);
  describe_backend(values, visitor);
  describe_access(values, visitor);
}

void describe_curve(curve_keys& keys, key_visitor& v) {
  v.key(
      {.name = "curve_server_key", .text = "Where we connect: the other side's public key", .shape = &a_key},
      &keys.curve_server_key);
  v.key({.name = "curve_public_key",
         .text = "Our own public key; empty: it follows from the secret one",
         .shape = &a_key},
        &keys.curve_public_key);
  v.key({.name = "curve_secret_key",
         .text = "Our own secret key; better kept in a file",
         .shape = &a_key,
         .secret = true},
        &keys.curve_secret_key);
  v.key({.name = "curve_secret_key_file",
         .text = "File with our own secret key: the key alone, or a ZeroMQ certificate"},
        &keys.curve_secret_key_file);
  v.key({.name = "curve_client_keys",
         .text = "Where we bind: the public keys that may connect",
         .shape = &a_key},
        &keys.curve_client_keys);
}

void describe_tls(tls_section& section, key_visitor& v) {
  v.key({.name = "certificate",
         .text = "PEM file with the certificate chain, read again on SIGHUP; empty: no TLS"},
        &section.certificate);
  v.key({.name = "key", .text = "PEM file with its private key, that others may not read; the same"},
        &section.key);
}

}  // namespace tickcast::config
