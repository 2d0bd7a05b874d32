#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/frame.hpp"

namespace tickcast::net {

/// An answer that is ready to be sent: made once, shared by all who get it.
struct http_content {
  unsigned status = 200;
  std::string content_type = "application/json";
  protocol::frame_ptr body;  ///< its payload; null: empty
  std::string etag;          ///< in quotes; empty: none, and never 304
  bool gzip = false;         ///< the payload is compressed
  std::vector<std::pair<std::string, std::string>> headers = {};
};
using http_content_ptr = std::shared_ptr<const http_content>;

/// In which form a client wants an answer.
struct http_form {
  protocol::encoding encoding = protocol::encoding::json;
  bool gzip = false;

  friend bool operator==(const http_form&, const http_form&) noexcept = default;
};

/// Below this, compressing an answer saves no packet.
inline constexpr std::size_t smallest_compressed = 1024;

/// A 200 around a buffer that began with protocol::begin_frame(): with an ETag of its bytes, compressed when
/// the form allows it and it is worth it. Compressing takes its time: on a reader thread for what is large.
http_content_ptr make_content(std::string&& buffer, const http_form& form);
/// The same for a payload that is finished.
http_content_ptr make_content(protocol::frame_ptr body, const http_form& form);

/// `{"error":{"status":…,"code":"…","message":"…"}}` in JSON, whatever the client asked for.
http_content_ptr make_refusal(unsigned status, std::string_view message);
/// The word for a status in `code`: "not_found".
std::string_view refusal_code(unsigned status) noexcept;

}  // namespace tickcast::net
