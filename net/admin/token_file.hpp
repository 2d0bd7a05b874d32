#pragma once
#include <sys/stat.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "net/admin/admin_request.hpp"

namespace tickcast::net::admin {

/// The tokens of the admin port: a file of lines `name role token`, `#` begins a comment. Read again when it
/// has changed. Thread: one at a time.
class token_file {
public:
  static constexpr std::size_t shortest_token = 16;

  /// Makes the file with one operator's token, mode 0600, when it does not exist. Throws std::runtime_error,
  /// with a sentence for the operator, when it cannot be made or read, others may read it, or a line is
  /// wrong.
  explicit token_file(std::string path);

  /// Whose token it is. A file that has become unreadable or wrong admits nobody (logged once a change).
  std::optional<admin_identity> find(std::string_view token);
  const std::string& path() const noexcept { return path_; }

private:
  void load();
  bool changed() const;

  std::string path_;
  std::map<std::string, admin_identity, std::less<>> tokens_;
  struct ::stat seen_ {};
};

}  // namespace tickcast::net::admin
