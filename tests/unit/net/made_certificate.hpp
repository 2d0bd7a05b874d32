#pragma once
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <string>

namespace tickcast::net::test {

/// A self-signed certificate for 127.0.0.1 and its key, as PEM files in `directory`; it runs out in `ends_s`.
struct made_certificate {
  explicit made_certificate(const std::filesystem::path& directory, long ends_s = 3600)
      : certificate((directory / "certificate.pem").string()), key((directory / "key.pem").string()) {
    auto* pair = EVP_EC_gen("P-256");
    auto* made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -7200);
    X509_gmtime_adj(X509_getm_notAfter(made), ends_s);
    X509_set_pubkey(made, pair);
    auto* name = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1,
                               -1, 0);
    X509_set_issuer_name(made, name);
    auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(made, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(made, pair, EVP_sha256());
    write(certificate, [&](std::FILE* to) { PEM_write_X509(to, made); });
    write(key, [&](std::FILE* to) { PEM_write_PrivateKey(to, pair, nullptr, nullptr, 0, nullptr, nullptr); });
    std::filesystem::permissions(key,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    X509_free(made);
    EVP_PKEY_free(pair);
  }

  std::string certificate;
  std::string key;

private:
  template <class Write>
  static void write(const std::string& file, Write&& what) {
    auto* to = std::fopen(file.c_str(), "w");
    what(to);
    std::fclose(to);
  }
};

}  // namespace tickcast::net::test
