#pragma once
#include <stdexcept>
#include <string>

namespace tickcast::tools {

/// Somebody else works on the directory. Its sentence is for the operator.
class lock_held : public std::runtime_error {
public:
  lock_held(const std::string& directory, std::string holder);
  /// The process that holds it, as it wrote itself down; may be empty.
  const std::string& holder() const noexcept { return holder_; }

private:
  std::string holder_;
};

/// One server a data directory: holds `tickcast.lock` in it as long as it lives. The kernel frees the lock
/// whatever happens to the process.
class data_lock {
public:
  /// Makes the directory when it is missing. An empty path locks nothing. Throws lock_held when another
  /// process works on the directory, and std::runtime_error when it cannot be used.
  explicit data_lock(const std::string& directory);
  ~data_lock();
  data_lock(const data_lock&) = delete;
  data_lock& operator=(const data_lock&) = delete;

private:
  int fd_ = -1;
};

}  // namespace tickcast::tools
