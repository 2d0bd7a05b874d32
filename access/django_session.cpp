#include "access/django_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "access/pickle.hpp"

namespace tickcast::access {
namespace {

using nlohmann::json;

constexpr std::size_t largest_session = 256 * 1024;
constexpr int deepest_session = 32;

/// JSON that is no deeper than a session has reason to be; discarded: it is none.
json parse_json_session(std::string_view bytes) {
  bool too_deep = false;
  const auto look = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > deepest_session;
    return !too_deep;
  };
  auto read = json::parse(bytes, look, false);
  return too_deep ? json(json::value_t::discarded) : read;
}

protocol::expected<json> decode(std::string_view bytes) {
  if (bytes.size() > largest_session)
    return protocol::unexpected(protocol::error{protocol::errc::too_large, "the session is too large"});
  if (!bytes.empty() && bytes.front() == '\x80') return read_pickle(bytes);
  auto read = parse_json_session(bytes);
  if (read.is_discarded())
    return protocol::unexpected(protocol::error{
        protocol::errc::malformed, "the session is neither JSON nor a pickle; compressed ones are not read"});
  return read;
}

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_integer() ? value.dump() : std::string();
}

}  // namespace

bool is_session_key(std::string_view cookie) noexcept {
  return cookie.size() >= 8 && cookie.size() <= 64 && std::all_of(cookie.begin(), cookie.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

std::string cache_key(const config::django_section& settings, std::string_view session_key) {
  return fmt::format("{}:{}:{}{}", settings.key_prefix, settings.key_version, settings.session_prefix,
                     session_key);
}

verdict read_session(const config::django_section& settings, std::string_view bytes,
                     std::int64_t expires_us) {
  const auto session = decode(bytes);
  if (!session) return refuse(reason::malformed, session.error().message);
  if (!session->is_object()) return refuse(reason::malformed, "the session is no dictionary");
  identity who;
  who.user = text_of(session->value("_auth_user_id", json()));
  if (!who.signed_in()) return who;
  if (who.user.size() > 256) return refuse(reason::no_user, "the session's user id is too long");
  who.by = proof::session;
  who.expires_us = expires_us;
  who.name = text_of(session->value(settings.name_key, json()));
  if (const auto groups = session->find(settings.groups_key); groups != session->end() && groups->is_array())
    for (const auto& each : *groups)
      if (auto group = text_of(each); !group.empty()) who.groups.push_back(std::move(group));
  return who;
}

std::vector<std::string> read_secret_keys(std::string_view text) {
  std::vector<std::string> keys;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) keys.emplace_back(line);
  }
  if (keys.empty()) throw std::runtime_error("holds no SECRET_KEY");
  return keys;
}

}  // namespace tickcast::access
