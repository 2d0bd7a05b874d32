#include "config/file_text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace tickcast::config {
namespace {

constexpr std::size_t largest_file = 4'194'304;

}  // namespace

tl::expected<std::string, std::string> file_text(const std::string& path) {
  const auto unreadable = [](std::string_view why) {
    return tl::unexpected(fmt::format("cannot be read: {}", why));
  };
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(std::strerror(errno));
  std::string text(largest_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return unreadable(std::strerror(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest_file) return unreadable(fmt::format("larger than {} bytes", largest_file));
  return text;
}

}  // namespace tickcast::config
