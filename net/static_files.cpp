#include "net/static_files.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "net/gzip.hpp"

namespace tickcast::net {
namespace {

namespace fs = std::filesystem;

struct file_type {
  std::string_view extension;
  std::string_view content_type;
  bool compressible;
};

constexpr std::array<file_type, 17> file_types{{
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".json", "application/json", true},
    {".map", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".svg", "image/svg+xml", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".wasm", "application/wasm", true},
    {".ico", "image/vnd.microsoft.icon", true},
    {".png", "image/png", false},
    {".jpg", "image/jpeg", false},
    {".webp", "image/webp", false},
    {".gif", "image/gif", false},
    {".woff", "font/woff", false},
    {".woff2", "font/woff2", false},
}};

constexpr std::string_view ask_every_time = "no-cache";
constexpr std::string_view keep_an_hour = "public, max-age=3600";
/// Below this a compressed body saves no packet.
constexpr std::size_t smallest_file_compressed = 512;
/// Files are compressed once.
constexpr int best = 9;

const file_type* type_of(const fs::path& file) {
  const auto extension = file.extension().string();
  const auto found = std::find_if(file_types.begin(), file_types.end(),
                                  [&](const file_type& type) { return type.extension == extension; });
  return found == file_types.end() ? nullptr : &*found;
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) throw std::runtime_error(fmt::format("cannot read {}", file.string()));
  if (bytes.size() > static_files::largest_file)
    throw std::runtime_error(fmt::format("{} has {} bytes; files above {} are not served", file.string(),
                                         bytes.size(), static_files::largest_file));
  return bytes;
}

std::string content_hash(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available");
  std::string text;
  for (std::size_t i = 0; i < 16; ++i) fmt::format_to(std::back_inserter(text), "{:02x}", digest[i]);
  return text;
}

protocol::frame_ptr as_payload(std::string_view bytes) {
  return protocol::make_frame(bytes, protocol::encoding::msgpack);
}

static_file load(const fs::path& file, const file_type& type, std::string_view cache_control) {
  const auto bytes = read_file(file);
  const auto hash = content_hash(bytes);
  static_file loaded{std::string(type.content_type),
                     '"' + hash + '"',
                     std::string(cache_control),
                     as_payload(bytes),
                     nullptr,
                     '"' + hash + "-gz\""};
  if (type.compressible && bytes.size() >= smallest_file_compressed) {
    const auto small = gzip(bytes, best);
    if (small.size() < bytes.size() - bytes.size() / 10) loaded.gzip = as_payload(small);
  }
  return loaded;
}

bool lies_within(const fs::path& file, const fs::path& root) {
  const auto real = fs::canonical(file);
  return std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end();
}

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Calls `visit` with each element of a comma-separated list until it returns true.
template <class Visit>
bool any_element(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (visit(trim(list.substr(0, comma)))) return true;
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return false;
}

bool is_zero_quality(std::string_view parameters) {
  const auto q = parameters.find("q=");
  if (q == std::string_view::npos) return false;
  const auto value = trim(parameters.substr(q + 2));
  return !value.empty() && value.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

void static_files::add_directory(const fs::path& directory) {
  std::error_code ec;
  const auto root = fs::canonical(directory, ec);
  if (ec || !fs::is_directory(root))
    throw std::runtime_error(fmt::format("listen.web_directory: {} is no directory", directory.string()));
  for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator(); ++at) {
    const auto name = at->path().filename().string();
    if (name.front() == '.' || name == "node_modules") {
      at.disable_recursion_pending();
      continue;
    }
    const auto* type = type_of(at->path());
    if (type == nullptr || !fs::is_regular_file(at->path(), ec) || !lies_within(at->path(), root)) continue;
    const auto url = '/' + at->path().lexically_relative(root).generic_string();
    auto file = load(at->path(), *type, ask_every_time);
    if (name == "index.html") files_.insert_or_assign(url.substr(0, url.size() - name.size()), file);
    files_.insert_or_assign(url, std::move(file));
  }
}

void static_files::add_file(const std::string& url_path, const fs::path& file) {
  const auto* type = type_of(file);
  if (type == nullptr) throw std::runtime_error(fmt::format("{}: no content type is known", file.string()));
  files_.insert_or_assign(url_path, load(file, *type, keep_an_hour));
}

const static_file* static_files::find(std::string_view url_path) const {
  const auto found = files_.find(url_path);
  return found == files_.end() ? nullptr : &found->second;
}

bool accepts_gzip(std::string_view accept_encoding) {
  return any_element(accept_encoding, [](std::string_view element) {
    const auto semicolon = element.find(';');
    const auto name = trim(element.substr(0, semicolon));
    if (name != "gzip" && name != "x-gzip" && name != "*") return false;
    return semicolon == std::string_view::npos || !is_zero_quality(element.substr(semicolon));
  });
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  return any_element(if_none_match, [&](std::string_view element) {
    if (element.substr(0, 2) == "W/") element.remove_prefix(2);
    return element == "*" || element == etag;
  });
}

}  // namespace tickcast::net
