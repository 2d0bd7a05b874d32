#include "net/api/service_reads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "net/api/routes.hpp"

namespace tickcast::net::api {
namespace {

using protocol::error_code;

/// As a parameter of a URL: lists of texts with commas between. Nothing: it cannot be one.
std::optional<std::string> text_of(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  if (!value.is_array()) return std::nullopt;
  std::string all;
  for (const auto& each : value) {
    if (!each.is_string()) return std::nullopt;
    if (!all.empty()) all += ',';
    all += each.get_ref<const std::string&>();
  }
  return all;
}

error_code code_of(unsigned status) noexcept {
  switch (status) {
    case 400:
      return error_code::bad_request;
    case 401:
      return error_code::unauthorized;
    case 403:
      return error_code::permission_denied;
    case 404:
      return error_code::unknown_topic;
    case 429:
      return error_code::too_many_requests;
    default:
      return error_code::internal;
  }
}

void pass_on(const http_content_ptr& content, const service_reads::way& back) {
  if (!content || !content->body)
    return back.refuse(error_code::internal, "the read was given up; ask again");
  if (content->status == 200) return back.reply(content->body->payload());
  const auto told = nlohmann::json::parse(content->body->payload(), nullptr, false);
  back.refuse(code_of(content->status),
              told.is_object() ? told.value(nlohmann::json::json_pointer("/error/message"), std::string())
                               : std::string());
}

}  // namespace

service_reads::service_reads(const api_sources& sources, actors::host& where)
    : routes_(api_routes(sources, audience::backends)), where_(where) {}

void service_reads::get_quote(const protocol::service_request& question, way back) const {
  ask("/api/v1/quote", question, std::move(back));
}

void service_reads::get_history(const protocol::service_request& question, way back) const {
  const auto has = [&](const char* name) { return question.data.contains(name); };
  ask(has("functions")  ? "/api/v1/indicators"
      : has("interval") ? "/api/v1/bars"
                        : "/api/v1/trades",
      question, std::move(back));
}

void service_reads::ask(const std::string& path, const protocol::service_request& question, way back) const {
  const auto route =
      std::find_if(routes_.begin(), routes_.end(), [&](const auto& each) { return each.path == path; });
  if (route == routes_.end())
    return back.refuse(error_code::not_available, fmt::format("this server has no {}", path));
  http_query query;
  query.method = "GET";
  query.path = path;
  for (const auto& [name, value] : question.data.items()) {
    auto text = text_of(value);
    if (!text || name == "format")
      return back.refuse(error_code::bad_request,
                         name == "format"
                             ? "format is not for here: an answer is encoded as its question"
                             : fmt::format("{} must be a text, a whole number or a list of texts", name));
    query.parameters.emplace_back(name, std::move(*text));
  }
  query.parameters.emplace_back("format", question.as == protocol::encoding::json ? "json" : "msgpack");
  where_.post([route = &*route, query = std::move(query), back = std::move(back)] {
    http_exchange exchange(0, [back] {
      return http_reply([back](const http_content_ptr& content) { pass_on(content, back); });
    });
    route->handler(query, exchange);
    if (!exchange.is_later()) pass_on(exchange.at_once(), back);
  });
}

}  // namespace tickcast::net::api
