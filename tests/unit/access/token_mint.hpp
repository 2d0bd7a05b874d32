#pragma once
#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace tickcast::access::testing {

struct key_pair {
  std::string private_pem;
  std::string public_pem;
};

inline std::string drain(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

inline key_pair write_pair(EVP_PKEY* key) {
  BIO* secret = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(secret, key, nullptr, nullptr, 0, nullptr, nullptr);
  BIO* open = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(open, key);
  EVP_PKEY_free(key);
  return {drain(secret), drain(open)};
}

inline key_pair rsa_pair(unsigned bits = 2048) {
  return write_pair(EVP_RSA_gen(bits));
}
inline key_pair ec_pair(const char* curve = "P-256") {
  return write_pair(EVP_EC_gen(curve));
}

/// A token of these claims, signed by libjwt.
inline std::string mint(jwt_alg_t algorithm, const std::string& key, const nlohmann::json& claims,
                        const std::string& kid = {}) {
  jwt_t* token = nullptr;
  jwt_new(&token);
  jwt_add_grants_json(token, claims.dump().c_str());
  if (!kid.empty()) jwt_add_header(token, "kid", kid.c_str());
  jwt_set_alg(token, algorithm, key.empty() ? nullptr : reinterpret_cast<const unsigned char*>(key.data()),
              static_cast<int>(key.size()));
  char* text = jwt_encode_str(token);
  std::string made = text ? text : "";
  std::free(text);
  jwt_free(token);
  return made;
}

/// Files that are gone with it.
class scratch_files {
public:
  scratch_files() {
    std::string name = (std::filesystem::temp_directory_path() / "tickcast-access-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~scratch_files() { std::filesystem::remove_all(directory_); }
  scratch_files(const scratch_files&) = delete;
  scratch_files& operator=(const scratch_files&) = delete;

  std::string write(const std::string& name, const std::string& text, int mode = 0600) const {
    const auto path = directory_ / name;
    std::ofstream(path, std::ios::binary) << text;
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
    return path.string();
  }

private:
  std::filesystem::path directory_;
};

}  // namespace tickcast::access::testing
