#include "feeds/csv_reader.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "feeds/source.hpp"

namespace tickcast::feeds {
namespace {

constexpr unsigned zlib_buffer_bytes = 128 * 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Where the quoted cell ends that `line` begins with; npos: it begins with none that ends properly.
std::size_t closing_quote(std::string_view line) {
  if (!line.starts_with('"')) return std::string_view::npos;
  for (auto at = line.find('"', 1); at != std::string_view::npos; at = line.find('"', at + 2)) {
    if (at + 1 == line.size() || line[at + 1] == ',') return at;
    if (line[at + 1] != '"') break;
  }
  return std::string_view::npos;
}

}  // namespace

void csv_reader::closer::operator()(gzFile_s* file) const noexcept {
  gzclose_r(file);
}

csv_reader::csv_reader(std::string path) : path_(std::move(path)), buffer_(2 * most_line_bytes) {
  errno = 0;
  file_.reset(gzopen(path_.c_str(), "rbe"));
  if (!file_) {
    throw feed_error(fmt::format("cannot open the recording {}: {}", path_,
                                 errno != 0 ? std::strerror(errno) : "no memory for reading gzip"));
  }
  gzbuffer(file_.get(), zlib_buffer_bytes);
}

bool csv_reader::fill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  const int got = gzread(file_.get(), buffer_.data() + end_, static_cast<unsigned>(buffer_.size() - end_));
  // gzread gives what it could read before a fault; gzerror tells of a file that ends too early.
  int fault = Z_OK;
  const char* why = gzerror(file_.get(), &fault);
  if (got < 0 || (got == 0 && fault != Z_OK && fault != Z_STREAM_END)) {
    throw feed_error(fmt::format("the recording {} cannot be read behind line {}: {}", path_, line_,
                                 fault == Z_ERRNO ? std::strerror(errno) : why));
  }
  end_ += static_cast<std::size_t>(got);
  return got > 0;
}

bool csv_reader::read_line(std::string_view& line) {
  std::size_t searched = begin_;
  bool cut = false;
  while (true) {
    const auto* newline =
        static_cast<const char*>(std::memchr(buffer_.data() + searched, '\n', end_ - searched));
    if (newline != nullptr) {
      const auto at = static_cast<std::size_t>(newline - buffer_.data());
      line = cut ? std::string_view() : std::string_view(buffer_.data() + begin_, at - begin_);
      begin_ = at + 1;
      break;
    }
    if (end_ - begin_ > most_line_bytes) {
      cut = true;
      begin_ = end_;
    }
    const std::size_t held = end_ - begin_;
    if (!fill()) {
      if (held == 0 && !cut) return false;
      line = cut ? std::string_view() : std::string_view(buffer_.data() + begin_, held);
      begin_ = end_;
      break;
    }
    searched = held;
  }
  ++line_;
  if (cut) line = "(too long)";
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line_ == 1 && line.substr(0, byte_order_mark.size()) == byte_order_mark) {
    line.remove_prefix(byte_order_mark.size());
  }
  return true;
}

std::uint64_t csv_reader::bytes_read() const noexcept {
  const auto at = gzoffset(file_.get());
  return at > 0 ? static_cast<std::uint64_t>(at) : 0;
}

bool csv_reader::next(std::vector<std::string_view>& cells) {
  std::string_view line;
  do {
    if (!read_line(line)) return false;
  } while (line.empty());
  cells.clear();
  if (line.find('"') != std::string_view::npos) {
    do cells.push_back(take_cell(line));
    while (line.data() != nullptr);
    return true;
  }
  for (std::size_t from = 0; from <= line.size();) {
    const auto comma = std::min(line.find(',', from), line.size());
    cells.push_back(line.substr(from, comma - from));
    from = comma + 1;
  }
  return true;
}

/// The next cell of a line with quotes, and `rest` is what is behind its comma; without one it has no data.
/// A cell that is not quoted properly stays as it stands.
std::string_view csv_reader::take_cell(std::string_view& rest) {
  const auto closing = closing_quote(rest);
  const auto end = closing == std::string_view::npos ? std::min(rest.find(','), rest.size()) : closing + 1;
  auto cell = rest.substr(0, end);
  if (closing != std::string_view::npos) {
    // The line lies in our own buffer, and the cell becomes shorter.
    auto* const text = const_cast<char*>(rest.data()) + 1;
    std::size_t size = 0;
    for (std::size_t i = 0; i + 1 < closing; ++i) {
      if (text[i] == '"') ++i;
      text[size++] = text[i];
    }
    cell = {text, size};
  }
  rest = end < rest.size() ? rest.substr(end + 1) : std::string_view();
  return cell;
}

}  // namespace tickcast::feeds
