#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace tickcast::config {

/// Where something was written: a place in the file, or an override.
struct site {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string option;
};

/// What reading a configuration brings to light: where each key was set, how rows are called, what is wrong.
class findings {
public:
  explicit findings(std::string_view file) : file_(file) {}

  void remember(const std::string& path, site where) { sites_[path] = std::move(where); }
  /// Where `path` was written last; nullptr: nowhere, the default stands.
  const site* where(const std::string& path) const;

  /// Paths of a list's rows in order: `feed.pull`, or `feed[3]` for one that has no name of its own.
  std::vector<std::string>& rows(std::string_view list) { return rows_[std::string(list)]; }

  void blame(const site& where, std::string key, std::string value, std::string message,
             std::string allowed = {});
  /// The same, at the place where `key` was set, if it was.
  void blame_at(const std::string& key, std::string value, std::string message, std::string allowed = {});
  void notice_at(const std::string& key, std::string value, std::string message);
  bool is_faulty(std::string_view key) const;

  bool clean() const noexcept { return faults_.empty(); }
  std::vector<fault> take_faults();
  std::vector<fault> take_notices();

private:
  fault make(const site& where, std::string key, std::string value, std::string message, std::string allowed);

  std::string file_;
  std::map<std::string, site> sites_;
  std::map<std::string, std::vector<std::string>> rows_;
  std::vector<fault> faults_;
  std::vector<fault> notices_;
};

}  // namespace tickcast::config
