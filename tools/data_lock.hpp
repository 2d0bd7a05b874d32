#pragma once
#include <string>

namespace tickcast::tools {

/// One server a data directory: holds `tickcast.lock` in it as long as it lives. The kernel frees the lock
/// whatever happens to the process.
class data_lock {
public:
  /// Makes the directory when it is missing. An empty path locks nothing. Throws std::runtime_error, naming
  /// the process that holds it, when another server works on the directory.
  explicit data_lock(const std::string& directory);
  ~data_lock();
  data_lock(const data_lock&) = delete;
  data_lock& operator=(const data_lock&) = delete;

private:
  int fd_ = -1;
};

}  // namespace tickcast::tools
