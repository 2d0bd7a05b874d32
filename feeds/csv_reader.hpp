#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct gzFile_s;

namespace tickcast::feeds {

/// Reads a CSV file line by line, plain or gzip (told apart by content). A cell is what stands between two
/// commas, or between quotes, where "" is a quote (RFC 4180, https://www.rfc-editor.org/rfc/rfc4180, but a
/// line end always ends the row). Thread: one at a time.
class csv_reader {
public:
  /// Longest line taken; of a longer one comes a single cell that is no value.
  static constexpr std::size_t most_line_bytes = 64 * 1024;

  /// Throws feed_error when the file cannot be opened.
  explicit csv_reader(std::string path);

  /// The next line's cells, without line ends and empty lines; false at the end. The views live until the
  /// next call. Throws feed_error when the file cannot be read on (cut or broken gzip).
  bool next(std::vector<std::string_view>& cells);
  /// Number of the line that next() gave, from 1.
  std::uint64_t line() const noexcept { return line_; }
  const std::string& path() const noexcept { return path_; }
  /// How far the file has been read, in its own bytes (compressed ones of a gzip file).
  std::uint64_t bytes_read() const noexcept;

private:
  struct closer {
    void operator()(gzFile_s* file) const noexcept;
  };
  bool read_line(std::string_view& line);
  bool fill();
  static std::string_view take_cell(std::string_view& rest);

  std::string path_;
  std::unique_ptr<gzFile_s, closer> file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t line_ = 0;
};

}  // namespace tickcast::feeds
