#include "net/http_content.hpp"

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include "net/gzip.hpp"
#include "net/http_handler.hpp"

namespace tickcast::net {
namespace {

/// Answers are made for one client or a few: what little more the higher levels save is not worth their time.
constexpr int quick = 1;

std::string_view type_of(protocol::encoding as) noexcept {
  return as == protocol::encoding::json ? "application/json" : "application/msgpack";
}

}  // namespace

http_content_ptr make_content(std::string&& buffer, const http_form& form) {
  return make_content(protocol::finish_frame(std::move(buffer), form.encoding), form);
}

http_content_ptr make_content(protocol::frame_ptr body, const http_form& form) {
  auto made = std::make_shared<http_content>();
  made->content_type = type_of(form.encoding);
  made->headers = {{"Cache-Control", "no-cache"}, {"Vary", "Accept, Accept-Encoding"}};
  const auto bytes = body->payload();
  made->gzip = form.gzip && bytes.size() > smallest_compressed;
  made->etag = fmt::format("\"{:016x}{}\"", XXH3_64bits(bytes.data(), bytes.size()), made->gzip ? "-gz" : "");
  made->body = made->gzip ? protocol::make_frame(gzip(bytes, quick), form.encoding) : std::move(body);
  return made;
}

http_content_ptr make_refusal(unsigned status, std::string_view message) {
  auto made = std::make_shared<http_content>();
  auto refusal = http_refusal(status, message);
  made->status = status;
  made->body = protocol::make_frame(refusal.body, protocol::encoding::json);
  if (status == 503) made->headers.emplace_back("Retry-After", "1");
  return made;
}

std::string_view refusal_code(unsigned status) noexcept {
  switch (status) {
    case 400:
      return "bad_request";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    case 413:
      return "body_too_large";
    case 426:
      return "upgrade_required";
    case 431:
      return "head_too_large";
    case 503:
      return "not_available";
    default:
      return "internal";
  }
}

}  // namespace tickcast::net
