#include "tools/http_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/frame_part.hpp"
#include "protocol/json_text.hpp"
#include "protocol/service_request.hpp"
#include "protocol/utf8.hpp"

namespace tickcast::tools {
namespace {

using nlohmann::json;
using protocol::error_code;

constexpr std::size_t most_commands = 1000;
constexpr std::size_t longest_key = 128;
constexpr std::array<const char*, 12> types{
    "publish",         "push_user", "push_group", "broadcast", "subscribe_user", "unsubscribe_user",
    "disconnect_user", "refresh",   "presence",   "users",     "topics",         "stats"};

unsigned status_of(error_code code) {
  switch (code) {
    case error_code::unauthorized:
    case error_code::token_expired:
      return 401;
    case error_code::permission_denied:
      return 403;
    case error_code::conflict:
      return 409;
    case error_code::limit_exceeded:
    case error_code::too_many_requests:
      return 429;
    case error_code::internal:
    case error_code::no_answer:
      return 503;
    default:
      return 400;
  }
}

net::http_content_ptr content_of(const net::http_answer& answer) {
  auto made = std::make_shared<net::http_content>();
  made->status = answer.status;
  made->headers = answer.headers;
  made->body = protocol::make_frame(answer.body, protocol::encoding::json);
  return made;
}

net::http_content_ptr refusal(unsigned status, std::string_view why) {
  return content_of(net::http_refusal(status, why));
}

/// Why this program may not; nothing: it may.
net::http_content_ptr turned_away(const net::http_query& query, const config::api_keys_section& keys) {
  if (!query.standing || query.standing->who().by != access::proof::api_key)
    return refusal(401, "service messages over HTTP need an API key: send the header X-API-Key");
  const auto& groups = query.standing->who().groups;
  const bool may = std::any_of(groups.begin(), groups.end(), [&](const std::string& group) {
    return std::find(keys.service_groups.begin(), keys.service_groups.end(), group) !=
           keys.service_groups.end();
  });
  if (may) return nullptr;
  return refusal(403, "this API key is of no group in auth.api_keys.service_groups");
}

/// A message with `data` as JSON text that compact_json has passed. Nothing: it is no map.
std::optional<protocol::service_request> request_of(std::string type, std::string data_text,
                                                    std::string key) {
  protocol::service_request made;
  made.type = std::move(type);
  made.id = "0";
  made.key = std::move(key);
  made.data = json::parse(data_text, nullptr, false);
  if (!made.data.is_object()) return std::nullopt;
  made.data_text = std::move(data_text);
  return made;
}

/// The elements of an array that compact_json has passed, as they stand.
std::vector<std::string_view> elements_of(std::string_view array) {
  std::vector<std::string_view> found;
  std::size_t depth = 0;
  std::size_t begin = 1;
  bool in_text = false;
  for (std::size_t i = 0; i < array.size(); ++i) {
    const char c = array[i];
    if (in_text) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}' || (c == ',' && depth == 1)) {
      const bool ends = c == ',' || --depth == 0;
      if (ends && i > begin) found.push_back(array.substr(begin, i - begin));
      if (ends) begin = i + 1;
    }
  }
  return found;
}

/// One command of a batch, with all digits of its data. Nothing: it is none.
std::optional<protocol::service_request> command_of(std::string_view text) {
  constexpr auto as = protocol::encoding::json;
  const auto text_of = [&](std::string_view name) -> std::optional<std::string> {
    const auto part = protocol::find_part(text, as, {name});
    if (!part) return std::string();
    const auto value = json::parse(*part, nullptr, false);
    return value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
  };
  auto type = text_of("type");
  auto key = text_of("idempotency_key");
  if (!type || type->empty() || !key || key->size() > longest_key) return std::nullopt;
  return request_of(std::move(*type), protocol::find_part(text, as, {"data"}).value_or("{}"),
                    std::move(*key));
}

class commands {
public:
  commands(const feeds::service_questions& questions, const config::api_keys_section& keys)
      : questions_(questions), keys_(keys) {}

  void one(const std::string& type, const net::http_query& query, net::http_exchange& exchange) const {
    if (auto away = turned_away(query, keys_)) return exchange.answer(std::move(away));
    if (query.idempotency_key.size() > longest_key)
      return exchange.answer(refusal(400, "Idempotency-Key is at most 128 bytes"));
    auto body = protocol::compact_json(query.body.empty() ? "{}" : query.body);
    if (!body) return exchange.answer(refusal(400, body.error().message));
    const auto request = request_of(type, std::move(*body), std::string(query.idempotency_key));
    if (!request) return exchange.answer(refusal(400, "the body is the message's data, a JSON object"));
    const auto back = exchange.later();
    ask(*request, {[back](std::string_view payload) { back(content_of({.body = std::string(payload)})); },
                   [back](error_code code, const std::string& why) { back(refusal(status_of(code), why)); }});
  }

  void batch(const net::http_query& query, net::http_exchange& exchange) const;

private:
  void ask(const protocol::service_request& request, feeds::service_way::ends back) const {
    const feeds::service_way way(std::move(back));
    if (const auto* handler = questions_.find(request.type)) return (*handler)(request, way);
    way.refuse(error_code::unknown_command,
               fmt::format("nobody answers {} here; these are answered: {}",
                           protocol::in_quotes(request.type), questions_.types()));
  }

  const feeds::service_questions& questions_;
  const config::api_keys_section& keys_;
};

/// The results of a batch, in its order; answers when the last one is there.
class batch_results {
public:
  batch_results(std::size_t count, net::http_reply back)
      : results_(json::array()), missing_(count), back_(std::move(back)) {
    results_.get_ref<json::array_t&>().resize(count);
  }

  void put(std::size_t at, json what) {
    const std::lock_guard guard{mutex_};
    results_[at] = std::move(what);
    if (--missing_ == 0)
      back_(content_of({.body = json{{"results", std::move(results_)}}.dump(
                            -1, ' ', false, json::error_handler_t::replace)}));
  }

private:
  std::mutex mutex_;
  json results_;
  std::size_t missing_;
  net::http_reply back_;
};

json error_of(error_code code, const std::string& why) {
  return {{"error",
           {{"code", static_cast<unsigned>(code)},
            {"message", why},
            {"temporary", protocol::is_temporary(code)}}}};
}

void commands::batch(const net::http_query& query, net::http_exchange& exchange) const {
  if (auto away = turned_away(query, keys_)) return exchange.answer(std::move(away));
  const auto whole = protocol::compact_json(query.body);
  const auto given =
      whole ? protocol::find_part(*whole, protocol::encoding::json, {"commands"}) : std::nullopt;
  const auto parts = given && given->starts_with('[') ? elements_of(*given) : std::vector<std::string_view>{};
  if (parts.empty() || parts.size() > most_commands)
    return exchange.answer(
        refusal(400, R"(the body is {"commands":[{"type":…,"data":{…}},…]}, 1 to 1000 of them)"));
  const auto results = std::make_shared<batch_results>(parts.size(), exchange.later());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto request = command_of(parts[i]);
    if (!request) {
      results->put(
          i, error_of(error_code::bad_request,
                      R"(a command is {"type":"…","data":{…}}, with idempotency_key, a text, if you like)"));
      continue;
    }
    ask(*request,
        {[results, i](std::string_view payload) {
           results->put(i, {{"data", json::parse(payload, nullptr, false)}});
         },
         [results, i](error_code code, const std::string& why) { results->put(i, error_of(code, why)); }});
  }
}

}  // namespace

void add_http_service(net::server& to, const feeds::service_questions& questions,
                      const config::api_keys_section& keys) {
  const auto shared = std::make_shared<const commands>(questions, keys);
  for (const std::string type : types)
    to.post_later("/api/v1/" + type, type,
                  [shared, type](const net::http_query& query, net::http_exchange& exchange) {
                    shared->one(type, query, exchange);
                  });
  to.post_later("/api/v1/batch", "batch",
                [shared](const net::http_query& query, net::http_exchange& exchange) {
                  shared->batch(query, exchange);
                });
}

}  // namespace tickcast::tools
