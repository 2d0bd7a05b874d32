#pragma once
#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/admin_options.hpp"

namespace tickcast::tools {

/// Asks a running server's admin port (docs/admin-api.md). Blocking, one request at a time.
class admin_client {
public:
  /// `stop_fd`: readable when the command is interrupted.
  static admin_result<admin_client> open(const admin_options& options, int stop_fd);

  /// The answer's body. A refusal is a failure with the server's sentence.
  admin_result<std::string> get(std::string_view target) const;
  admin_result<std::string> post(std::string_view target, std::string_view body) const;
  /// The same with another patience than an operation's.
  admin_result<std::string> get(std::string_view target, std::chrono::milliseconds patience) const;
  admin_result<std::string> post(std::string_view target, std::string_view body,
                                 std::chrono::milliseconds patience) const;
  /// The same, read as a JSON object.
  admin_result<nlohmann::json> get_json(std::string_view target) const;

  const std::string& base() const noexcept { return access_.base; }
  int stop_fd() const noexcept { return stop_fd_; }
  /// Waits; false: interrupted meanwhile.
  bool pause(double seconds) const;

private:
  admin_client(admin_access access, int stop_fd) : access_(std::move(access)), stop_fd_(stop_fd) {}
  admin_result<std::string> judge(unsigned status, std::string&& body) const;

  admin_access access_;
  int stop_fd_;
};

/// Reads an answer; a failure when it is no JSON object.
admin_result<nlohmann::json> read_answer(const std::string& body);

/// A text as it may stand in a path or a query.
std::string escape_url(std::string_view text);
/// "?name=value&…" of those that are not empty.
std::string query_text(const std::vector<std::pair<std::string, std::string>>& parameters);

/// Says on stderr what went wrong with `command`; what the program ends with.
exit_code tell_failure(std::string_view command, const admin_failure& failure);

}  // namespace tickcast::tools
