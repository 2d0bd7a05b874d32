#include "net/admin/token_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "actors/runtime/log.hpp"

namespace tickcast::net::admin {
namespace {

std::string random_token() {
  std::array<unsigned char, 24> bytes{};
  if (::RAND_bytes(bytes.data(), bytes.size()) != 1)
    throw std::runtime_error("the system gives no random numbers for the admin token");
  std::string text;
  for (const auto byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

void make_file(const std::string& path) {
  std::error_code ec;
  if (const auto parent = std::filesystem::path(path).parent_path(); !parent.empty())
    std::filesystem::create_directories(parent, ec);
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return;
  if (fd < 0)
    throw std::runtime_error(
        fmt::format("admin.token_file {} cannot be made: {}", path, std::strerror(errno)));
  const auto text =
      fmt::format("# name role token; roles: viewer, operator\nadmin operator {}\n", random_token());
  const auto written = ::write(fd, text.data(), text.size());
  ::close(fd);
  if (written != static_cast<ssize_t>(text.size()))
    throw std::runtime_error(fmt::format("admin.token_file {} cannot be written", path));
  actors::log(actors::component::admin).info("the first token for the admin port is in {}", path);
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

token_file::token_file(std::string path) : path_(std::move(path)) {
  make_file(path_);
  load();
}

void token_file::load() {
  tokens_.clear();
  if (::stat(path_.c_str(), &seen_) != 0)
    throw std::runtime_error(fmt::format("admin.token_file {}: {}", path_, std::strerror(errno)));
  if ((seen_.st_mode & 077) != 0)
    throw std::runtime_error(
        fmt::format("admin.token_file {} can be read by others; run `chmod 600 {}`", path_, path_));
  std::ifstream in(path_);
  if (!in) throw std::runtime_error(fmt::format("admin.token_file {} cannot be read", path_));
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string name, role_word, token, more;
    if (!(words >> name)) continue;
    const auto wrong = [&](std::string_view what) {
      tokens_.clear();
      throw std::runtime_error(fmt::format("admin.token_file {}, line {}: {}", path_, number, what));
    };
    if (!(words >> role_word >> token) || (words >> more)) wrong("a line is: name role token");
    if (role_word != "viewer" && role_word != "operator") wrong("the role must be viewer or operator");
    if (token.size() < shortest_token) wrong("a token has at least 16 characters");
    tokens_[token] = {name, role_word == "operator" ? role::operator_ : role::viewer};
  }
  if (tokens_.empty()) throw std::runtime_error(fmt::format("admin.token_file {} holds no token", path_));
}

bool token_file::changed() const {
  struct ::stat now {};
  if (::stat(path_.c_str(), &now) != 0) return seen_.st_ino != 0;
  return now.st_ino != seen_.st_ino || now.st_size != seen_.st_size || now.st_mode != seen_.st_mode ||
         now.st_mtim.tv_sec != seen_.st_mtim.tv_sec || now.st_mtim.tv_nsec != seen_.st_mtim.tv_nsec;
}

std::optional<admin_identity> token_file::find(std::string_view token) {
  if (changed()) {
    try {
      load();
    } catch (const std::runtime_error& wrong) {
      tokens_.clear();
      if (struct ::stat now{}; ::stat(path_.c_str(), &now) != 0) seen_ = {};
      actors::log(actors::component::admin).error("{}; nobody is admitted", wrong.what());
    }
  }
  // Every token is compared, so that time does not tell which one was near.
  std::optional<admin_identity> found;
  for (const auto& [known, who] : tokens_)
    if (same(known, token)) found = who;
  return found;
}

}  // namespace tickcast::net::admin
