#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace tickcast::access {

/// A file with keys. Not thread-safe.
class key_file {
public:
  enum class secrecy : std::uint8_t { open, owner_only };

  /// `meant_for`: the configuration's key, for sentences. `owner_only` refuses a file that others may read or
  /// write.
  key_file(std::string path, std::string meant_for, secrecy wanted);

  /// All of it, at most 1 MiB. Throws std::runtime_error with a sentence that names key and file.
  std::string read() const;

private:
  std::string path_;
  std::string meant_for_;
  secrecy secrecy_;
};

/// Tells when one of some files has become another, or has other bytes than when it was last asked.
class file_watch {
public:
  explicit file_watch(std::vector<std::string> paths);

  /// A file that is not there has not changed.
  bool has_changed();

private:
  struct stamp {
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const stamp&) const = default;
  };
  std::vector<std::string> paths_;
  std::vector<stamp> seen_;
};

}  // namespace tickcast::access
