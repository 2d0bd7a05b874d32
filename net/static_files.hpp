#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "protocol/frame.hpp"

namespace tickcast::net {

/// A file as it is served, shared by all who get it.
struct static_file {
  std::string content_type;
  std::string etag;  ///< strong: a hash of the bytes
  std::string cache_control;
  protocol::frame_ptr body;  ///< the payload is the file
  protocol::frame_ptr gzip;  ///< null: compressing it gains nothing
  std::string gzip_etag;
};

/// The files of the chart page, held in memory and looked up by URL path: what was not loaded cannot be asked
/// for.
///
/// Filled at start, then read by every shard's thread.
class static_files {
public:
  /// Largest file taken.
  static constexpr std::size_t largest_file = 32u << 20;

  /// Adds every file below `directory` of a type that browsers need; "index.html" also answers for its
  /// directory. Left out: hidden names, node_modules, links that lead outside. Throws std::runtime_error when
  /// the directory or a file cannot be read.
  void add_directory(const std::filesystem::path& directory);
  /// Adds one file under a path of our choosing, to be cached by browsers for an hour without asking.
  /// Throws std::runtime_error.
  void add_file(const std::string& url_path, const std::filesystem::path& file);

  /// Null: there is no such file.
  const static_file* find(std::string_view url_path) const;
  std::size_t size() const noexcept { return files_.size(); }

private:
  std::map<std::string, static_file, std::less<>> files_;
};

/// Whether an Accept-Encoding value admits gzip (RFC 9110, 12.5.3; q=0 refuses).
bool accepts_gzip(std::string_view accept_encoding);
/// Whether an If-None-Match value names `etag` (weak comparison, RFC 9110, 13.1.2).
bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace tickcast::net
