#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/rules.hpp"

namespace tickcast::net {

/// A request as a handler sees it: GET or HEAD, or POST where the route takes that.
struct http_query {
  std::string_view method;
  std::string path;                                             ///< decoded, without the query
  std::vector<std::pair<std::string, std::string>> parameters;  ///< decoded, in order
  std::string remote;                                           ///< "address:port"
  std::string_view authorization;                               ///< the header's value, empty without one
  std::string_view accept = {};                                 ///< the same
  std::string_view accept_encoding = {};                        ///< the same
  std::string_view body = {};                                   ///< of a POST
  std::string_view idempotency_key = {};                        ///< the header's value, empty without one
  /// Who asks, and what they may; null on the admin port and where nobody is asked.
  access::standing_ptr standing = nullptr;

  /// The first parameter of that name.
  std::optional<std::string_view> parameter(std::string_view name) const;
};

struct http_answer {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// Answers requests of one path. Client port: called on every shard's thread, at the same time, and must not
/// block; admin port: on the admin thread. What it throws becomes a 500.
using http_handler = std::function<http_answer(const http_query&)>;

/// `{"error":{"status":…,"code":"…","message":"…"}}`: how every refusal over HTTP looks.
http_answer http_refusal(unsigned status, std::string_view message);

/// Fills path and parameters from a request target ("/a%20b?c=d"). False: the target does not begin with "/"
/// or breaks its percent encoding.
bool parse_target(std::string_view target, http_query& query);

}  // namespace tickcast::net
