#include "net/http_handler.hpp"

#include <nlohmann/json.hpp>

#include "net/http_content.hpp"

namespace tickcast::net {
namespace {

std::optional<unsigned char> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned char>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned char>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned char>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<std::string> decode_percent(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const auto high = hex_digit(text[i + 1]);
      const auto low = hex_digit(text[i + 2]);
      if (!high || !low) return std::nullopt;
      out.push_back(static_cast<char>(*high << 4 | *low));
      i += 2;
    } else {
      out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

}  // namespace

std::optional<std::string_view> http_query::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return value;
  return std::nullopt;
}

http_answer http_refusal(unsigned status, std::string_view message) {
  const nlohmann::json body{
      {"error", {{"status", status}, {"code", refusal_code(status)}, {"message", message}}}};
  // A path or header in the message may hold anything, UTF-8 or not.
  return {status, "application/json",
          body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"};
}

bool parse_target(std::string_view target, http_query& query) {
  if (target.empty() || target.front() != '/') return false;
  const auto question = target.find('?');
  auto path = decode_percent(target.substr(0, question), false);
  if (!path || path->find('\0') != std::string::npos) return false;
  query.path = std::move(*path);
  query.parameters.clear();
  if (question == std::string_view::npos) return true;
  auto rest = target.substr(question + 1);
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const auto part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (part.empty()) continue;
    const auto equals = part.find('=');
    auto key = decode_percent(part.substr(0, equals), true);
    auto value =
        decode_percent(equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1), true);
    if (!key || !value) return false;
    query.parameters.emplace_back(std::move(*key), std::move(*value));
  }
  return true;
}

}  // namespace tickcast::net
