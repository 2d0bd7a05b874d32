// The log and the configuration: /api/log, /api/log-levels, /api/config, /api/audit.
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "config/in_force.hpp"
#include "net/admin/api/console.hpp"
#include "net/admin/listing.hpp"

namespace tickcast::net::admin {
namespace {

using nlohmann::json;

std::string_view level_word(int level) {
  switch (level) {
    case spdlog::level::trace:
      return "trace";
    case spdlog::level::debug:
      return "debug";
    case spdlog::level::info:
      return "info";
    case spdlog::level::warn:
      return "warning";
    case spdlog::level::off:
      return "off";
    default:
      return "error";
  }
}

/// The level of that name; -1: there is none.
int level_of(std::string_view word) {
  for (int level = spdlog::level::trace; level <= spdlog::level::err; ++level)
    if (level_word(level) == word) return level;
  return -1;
}

json rows_of(const std::vector<log_line>& lines) {
  json rows = json::array();
  for (const auto& each : lines)
    rows.push_back({{"seq", each.seq},
                    {"at", each.at_us},
                    {"level", level_word(each.level)},
                    {"component", each.component},
                    {"text", each.text}});
  return rows;
}

http_answer read_log(const admin_request& request, const console_sources& sources) {
  list_query query;
  if (auto wrong = list_query::read(request, query); !wrong.empty())
    return refuse(admin_error::bad_request, wrong);
  std::uint64_t after = 0;
  if (const auto text = request.text("after"); !text.empty()) {
    if (text.size() > 19 || text.find_first_not_of("0123456789") != std::string::npos)
      return refuse(admin_error::bad_request, "after must be the number of a line");
    after = std::stoull(text);
  }
  const auto word = request.text("level");
  const int least = word.empty() ? 0 : level_of(word);
  if (least < 0)
    return refuse(admin_error::bad_request, "level must be trace, debug, info, warning or error");
  auto lines = sources.log(after);
  const auto total = lines.size();
  const auto lost = lines.empty() || after == 0 ? 0 : lines.front().seq - after - 1;
  const auto component = request.text("component");
  std::erase_if(lines, [&](const auto& each) {
    return each.level < least || (!component.empty() && each.component != component) ||
           (!query.filter.empty() && !matches(each.text, query.filter));
  });
  const auto matched = lines.size();
  if (lines.size() > query.limit)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(query.limit));
  return json_answer({{"at", now_us()},
                      {"total", total},
                      {"matched", matched},
                      {"offset", 0},
                      {"complete", true},
                      {"lost", lost},
                      {"rows", rows_of(lines)}});
}

json config_in_force(const config::config& settings) {
  json sections = json::array();
  for (const auto& section : config::in_force(settings)) {
    json keys = json::array();
    for (const auto& each : section.keys)
      keys.push_back({{"key", each.name},
                      {"value", each.value},
                      {"default", each.default_value},
                      {"changed", each.value != each.default_value},
                      {"hot", each.hot},
                      {"meaning", each.text}});
    sections.push_back({{"name", section.name}, {"keys", std::move(keys)}});
  }
  return {{"sections", std::move(sections)}};
}

}  // namespace

void console::add_log_routes() {
  admin_.api().get("/api/log", [this](const admin_request& request) { return read_log(request, sources_); });
  admin_.api().get("/api/log-levels", [](const admin_request&) {
    json rows = json::array();
    for (std::size_t i = 0; i < actors::component_count; ++i) {
      const auto which = static_cast<actors::component>(i);
      rows.push_back({{"component", to_string(which)}, {"level", level_word(actors::log(which).level())}});
    }
    return json_answer({{"components", rows}});
  });
  admin_.api().post("/api/log-level", "log-level", [](const admin_request& request, const responder& answer) {
    const auto body = body_of(request);
    const auto text = [&](const char* name) {
      return body.is_object() && body.contains(name) && body[name].is_string() ? body[name].get<std::string>()
                                                                               : std::string();
    };
    const auto level = level_of(text("level"));
    if (level < 0)
      return answer(refuse(admin_error::bad_request, "level must be trace, debug, info, warning or error"));
    const auto component = text("component");
    bool any = false;
    for (std::size_t i = 0; i < actors::component_count; ++i) {
      const auto which = static_cast<actors::component>(i);
      if (component != "*" && component != to_string(which)) continue;
      actors::log(which).set_level(static_cast<spdlog::level::level_enum>(level));
      any = true;
    }
    if (!any) return answer(refuse(admin_error::not_found, "there is no component \"" + component + "\""));
    answer(done());
  });
  admin_.api().get("/api/config",
                   [this](const admin_request&) { return json_answer(config_in_force(engine_.settings)); });
  admin_.api().get("/api/audit", [this](const admin_request& request) {
    using r = const audit_entry&;
    static const std::vector<field<audit_entry>> fields{
        {"at", [](r e) { return e.at_us; }},
        {"who", [](r e) { return e.who; }, true},
        {"role", [](r e) { return e.role; }},
        {"remote", [](r e) { return e.remote; }},
        {"action", [](r e) { return e.action; }, true},
        {"target", [](r e) { return e.target; }, true},
        {"data", [](r e) { return e.data; }, true},
        {"outcome", [](r e) { return e.outcome; }, true},
    };
    const auto& kept = admin_.audit().entries();
    return list(request, std::vector<audit_entry>(kept.rbegin(), kept.rend()), fields);
  });
}

}  // namespace tickcast::net::admin
