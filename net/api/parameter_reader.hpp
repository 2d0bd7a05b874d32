#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_content.hpp"
#include "net/http_handler.hpp"

namespace tickcast::net::api {

/// Takes a query's parameters one by one; the first that cannot be used is remembered with a sentence that
/// says what to change, and everything read after it is a default.
class parameter_reader {
public:
  explicit parameter_reader(const http_query& query) : query_(query) {}

  /// A symbol, required.
  std::string symbol(std::string_view name);
  /// A bar interval, required: "1m", "100t".
  std::string interval(std::string_view name);
  /// Nanoseconds; see parse_time().
  std::optional<std::int64_t> time_ns(std::string_view name);
  /// A whole number from 1 to `most`.
  std::size_t count(std::string_view name, std::size_t by_default, std::size_t most);
  /// Words between commas, each one of `known`; empty: none.
  std::vector<std::string> words(std::string_view name, const std::vector<std::string_view>& known);
  std::string text(std::string_view name, std::string_view by_default = {});
  /// By `format` (json, msgpack) or else the Accept header; gzip by Accept-Encoding.
  http_form form();

  /// A 400 for the first fault; null: there was none.
  const http_content_ptr& refusal() const noexcept { return refusal_; }
  void refuse(std::string_view sentence);

private:
  const http_query& query_;
  http_content_ptr refusal_;
};

}  // namespace tickcast::net::api
