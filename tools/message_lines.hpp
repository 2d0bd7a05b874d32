#pragma once
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace tickcast::tools {

/// Messages as lines of JSON, {"topic":…,"time":…,"data":…}, to stdout or a file, many at once.
class message_lines {
public:
  /// `file` empty: stdout. False: it cannot be written.
  bool open(const std::string& file);
  /// `json_text`: compact JSON.
  void add(std::string_view topic, std::int64_t time_ns, std::string_view json_text);
  /// Writes what has gathered. False: not everything could be written.
  bool finish();
  bool failed() const noexcept { return failed_; }
  std::uint64_t count() const noexcept { return count_; }

private:
  void write();

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> own_{nullptr, &std::fclose};
  std::FILE* to_ = stdout;
  std::string gathered_;
  std::uint64_t count_ = 0;
  bool failed_ = false;
};

}  // namespace tickcast::tools
