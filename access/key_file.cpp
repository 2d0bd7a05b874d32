#include "access/key_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace tickcast::access {
namespace {

constexpr std::int64_t most_bytes = 1 << 20;

}  // namespace

key_file::key_file(std::string path, std::string meant_for, secrecy wanted)
    : path_(std::move(path)), meant_for_(std::move(meant_for)), secrecy_(wanted) {}

std::string key_file::read() const {
  const auto fail = [this](std::string_view what) {
    throw std::runtime_error(fmt::format("{}: {} {}", meant_for_, path_, what));
  };
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) fail("is no file that can be read");
  if (secrecy_ == secrecy::owner_only && (found.st_mode & 077U) != 0)
    fail(fmt::format("may be read by others (mode {:o}): chmod 600 it", found.st_mode & 0777U));
  if (found.st_size > most_bytes) fail("is larger than 1 MiB");
  std::ifstream in(path_, std::ios::binary);
  if (!in) fail("cannot be read");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

file_watch::file_watch(std::vector<std::string> paths) : paths_(std::move(paths)), seen_(paths_.size()) {
  has_changed();
}

bool file_watch::has_changed() {
  bool changed = false;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    struct stat found {};
    if (::stat(paths_[i].c_str(), &found) != 0) continue;
    const stamp now{found.st_ino, found.st_size,
                    found.st_ctim.tv_sec * 1'000'000'000 + found.st_ctim.tv_nsec};
    changed = changed || !(now == seen_[i]);
    seen_[i] = now;
  }
  return changed;
}

}  // namespace tickcast::access
