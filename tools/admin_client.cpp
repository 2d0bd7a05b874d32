#include "tools/admin_client.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "net/websocket_client.hpp"

namespace tickcast::tools {
namespace {

/// An operation may take as long as a supervisor takes to end a child, and a second for the way.
constexpr std::chrono::milliseconds usual_patience{9000};

net::client_options options_with(const admin_access& access, int stop_fd,
                                 std::chrono::milliseconds patience) {
  net::client_options options;
  options.stop_fd = stop_fd;
  options.timeout = patience;
  options.token = access.token;
  options.ca = access.ca;
  return options;
}

admin_failure from(const net::client_error& error) {
  using reason = net::client_error::reason;
  switch (error.why) {
    case reason::interrupted:
      return {exit_code::interrupted, {}};
    case reason::bad_url:
      return {exit_code::usage, error.message};
    case reason::refused:
    case reason::too_large:
      return {exit_code::failed, error.message};
    default:
      return {exit_code::unreachable, error.message};
  }
}

}  // namespace

admin_result<admin_client> admin_client::open(const admin_options& options, int stop_fd) {
  auto access = find_access(options);
  if (!access) return tl::unexpected(access.error());
  return admin_client(std::move(*access), stop_fd);
}

admin_result<std::string> admin_client::get(std::string_view target) const {
  return get(target, usual_patience);
}

admin_result<std::string> admin_client::post(std::string_view target, std::string_view body) const {
  return post(target, body, usual_patience);
}

admin_result<std::string> admin_client::get(std::string_view target,
                                            std::chrono::milliseconds patience) const {
  auto reply =
      net::http_get(fmt::format("{}{}", access_.base, target), options_with(access_, stop_fd_, patience));
  if (!reply) return tl::unexpected(from(reply.error()));
  return judge(reply->status, std::move(reply->body));
}

admin_result<std::string> admin_client::post(std::string_view target, std::string_view body,
                                             std::chrono::milliseconds patience) const {
  auto reply = net::http_post(fmt::format("{}{}", access_.base, target), body,
                              options_with(access_, stop_fd_, patience));
  if (!reply) return tl::unexpected(from(reply.error()));
  return judge(reply->status, std::move(reply->body));
}

admin_result<std::string> admin_client::judge(unsigned status, std::string&& body) const {
  if (status == 200) return admin_result<std::string>(std::move(body));
  const auto answer = nlohmann::json::parse(body, nullptr, false);
  const auto error = answer.is_object() ? answer.value("error", nlohmann::json()) : nlohmann::json();
  const auto said = error.is_object() ? error.value("message", nlohmann::json()) : nlohmann::json();
  auto message = said.is_string() ? said.get<std::string>()
                                  : fmt::format("{} answered with status {}; is this Tickcast's admin port?",
                                                access_.base, status);
  if (status == 404 && message.starts_with("there is nothing at"))
    message += fmt::format("; is {} the admin port of a server that has it?", access_.base);
  if (status == 401 && access_.token.empty())
    message += fmt::format(" ({}; give --token-file)", access_.no_token);
  else if (status == 401)
    message += fmt::format(" (the one of {} is refused; is {} the admin port of its server?)",
                           access_.token_from, access_.base);
  return tl::unexpected(
      admin_failure{status == 400 ? exit_code::usage : exit_code::failed, std::move(message), status});
}

admin_result<nlohmann::json> admin_client::get_json(std::string_view target) const {
  return get(target).and_then([](const std::string& body) { return read_answer(body); });
}

bool admin_client::pause(double seconds) const {
  pollfd waiting{stop_fd_, POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(seconds * 1000)) <= 0;
}

admin_result<nlohmann::json> read_answer(const std::string& body) {
  auto answer = nlohmann::json::parse(body, nullptr, false);
  if (!answer.is_object())
    return tl::unexpected(
        admin_failure{exit_code::failed, "the answer is no JSON object; is this Tickcast's admin port?"});
  return answer;
}

std::string escape_url(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~')
      result += c;
    else
      result += fmt::format("%{:02X}", byte);
  }
  return result;
}

std::string query_text(const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string result;
  for (const auto& [name, value] : parameters)
    if (!value.empty()) result += fmt::format("{}{}={}", result.empty() ? '?' : '&', name, escape_url(value));
  return result;
}

exit_code tell_failure(std::string_view command, const admin_failure& failure) {
  if (!failure.message.empty()) fmt::print(stderr, "tickcast {}: {}\n", command, failure.message);
  return failure.code;
}

}  // namespace tickcast::tools
