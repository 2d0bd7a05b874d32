#include "tools/data_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace tickcast::tools {

lock_held::lock_held(const std::string& directory, std::string holder)
    : std::runtime_error("another server (process " + holder + ") works on store.directory " + directory +
                         "; stop it or give this one a directory of its own"),
      holder_(std::move(holder)) {}

data_lock::data_lock(const std::string& directory) {
  if (directory.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const auto path = directory + "/tickcast.lock";
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd_ < 0)
    throw std::runtime_error("store.directory " + directory + " cannot be used: " + std::strerror(errno));
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    [[maybe_unused]] const auto read = ::read(fd_, holder, sizeof holder - 1);
    ::close(fd_);
    throw lock_held(directory, holder);
  }
  const auto pid = std::to_string(::getpid());
  [[maybe_unused]] const auto cut = ::ftruncate(fd_, 0);
  [[maybe_unused]] const auto written = ::write(fd_, pid.data(), pid.size());
}

data_lock::~data_lock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace tickcast::tools
