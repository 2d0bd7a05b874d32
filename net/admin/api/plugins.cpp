#include "net/admin/api/plugins.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "net/admin/api/console.hpp"
#include "net/admin/listing.hpp"

namespace tickcast::net::admin {
namespace {

using actors::plugin_report;
using nlohmann::json;

/// A plugin's start, or its old version's end, takes no longer; else it goes on without the asker.
constexpr std::chrono::milliseconds patience{10'000};

std::int64_t whole(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

double us(std::int64_t ns) {
  return static_cast<double>(ns) / 1e3;
}

json failures_of(const plugin_report& of) {
  auto result = json::array();
  for (const auto& each : of.failures)
    result.push_back({{"at", each.time_ns / 1000}, {"why", each.why}, {"retired", each.retired}});
  return result;
}

cell text_or_null(const std::string& text) {
  return text.empty() ? cell{} : cell{text};
}

const std::vector<field<plugin_report>>& fields() {
  using r = const plugin_report&;
  static const std::vector<field<plugin_report>> all{
      {"name", [](r p) { return p.name; }, true},
      {"state", [](r p) { return std::string(to_string(p.state)); }, true},
      {"version", [](r p) { return text_or_null(p.version); }},
      {"library", [](r p) { return p.library; }, true},
      {"isolation", [](r p) { return p.isolation; }},
      {"restarts", [](r p) { return whole(p.restarts); }},
      {"budget",
       [](r p) {
         return composite{{{"spent", p.budget_spent},
                           {"intensity", p.budget_restarts},
                           {"period_ms", p.budget_period_ms}}};
       }},
      {"alarms", [](r p) { return whole(p.alarms); }},
      {"failures", [](r p) { return composite{failures_of(p)}; }},
      {"lingering", [](r p) { return whole(p.lingering); }},
      {"mailbox", [](r p) { return whole(p.waiting); }},
      {"mailbox_bound", [](r p) { return whole(p.bound); }},
      {"dropped", [](r p) { return whole(p.dropped); }},
      {"handled", [](r p) { return whole(p.handled); }},
      {"published", [](r p) { return whole(p.published); }},
      {"refused", [](r p) { return whole(p.refused + p.over_budget); }},
      {"over_budget", [](r p) { return whole(p.over_budget); }},
      {"handler", [](r p) { return text_or_null(p.handler); }},
      {"running_ms", [](r p) { return p.handler_running_ns / 1'000'000; }},
      {"p50_us", [](r p) { return us(p.p50_ns); }},
      {"p99_us", [](r p) { return us(p.p99_ns); }},
      {"longest_ms", [](r p) { return us(p.longest_ns) / 1e3; }},
      {"last_error", [](r p) { return text_or_null(p.last_error); }, true},
      {"parameters", [](r p) { return composite{p.parameters}; }},
      {"subscriptions", [](r p) { return composite{p.subscriptions}; }},
      {"counters", [](r p) { return composite{p.counters}; }},
      {"gauges", [](r p) { return composite{p.gauges}; }},
  };
  return all;
}

actors::plugin_outcome pass_on(const responder& answer) {
  return [answer](const std::string& error) {
    answer(error.empty() ? done() : refuse(admin_error::conflict, error));
  };
}

http_answer too_late() {
  return refuse(admin_error::timeout, "it takes longer than 10 s and goes on; look at the plugin's state");
}

/// A parameter as the configuration would hold it: text, numbers and booleans as text.
std::optional<std::string> text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  return std::nullopt;
}

template <class Number>
void take_number(const json& body, const char* key, Number& to, std::string& wrong) {
  if (!body.contains(key)) return;
  const auto& value = body[key];
  if (value.is_number_unsigned() && value.get<std::uint64_t>() <= 10'000'000)
    to = value.get<Number>();
  else
    wrong = std::string(key) + " must be a whole number up to 10000000";
}

/// The section that a load asks for; `wrong` is a sentence when it is none.
config::plugin_section section_of(const json& body, std::string& wrong) {
  config::plugin_section result;
  const auto text = [&](const char* key, std::string& to) {
    if (body.is_object() && body.contains(key) && body[key].is_string()) to = body[key].get<std::string>();
    if (to.empty()) wrong = std::string("send the plugin's ") + key;
  };
  text("library", result.library);
  text("name", result.name);
  if (!wrong.empty()) return result;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (result.name.size() > 64 || !std::all_of(result.name.begin(), result.name.end(), fits))
    wrong = "a plugin's name is of letters, digits, - and _, at most 64";
  if (body.contains("parameters") && !body["parameters"].is_object()) wrong = "parameters must be an object";
  if (!wrong.empty()) return result;
  const auto parameters = body.value("parameters", json::object());
  for (const auto& [name, value] : parameters.items()) {
    const auto given = text_of(value);
    if (!given) wrong = "parameter " + name + " must be a text, a number or a boolean";
    result.parameters[name] = given.value_or("");
  }
  take_number(body, "budget_restarts", result.budget_restarts, wrong);
  take_number(body, "budget_period_ms", result.budget_period_ms, wrong);
  take_number(body, "budget_mailbox", result.budget_mailbox, wrong);
  take_number(body, "budget_handler_ms", result.budget_handler_ms, wrong);
  take_number(body, "budget_stuck_ms", result.budget_stuck_ms, wrong);
  take_number(body, "budget_publishes_per_s", result.budget_publishes_per_s, wrong);
  const auto isolation = body.value("isolation", json("thread"));
  if (isolation != "thread" && isolation != "process") wrong = "isolation must be thread or process";
  if (isolation == "process") result.isolation = config::plugin_isolation::process;
  return result;
}

}  // namespace

void add_plugin_routes(admin_server& on, actors::plugin_room& plugins) {
  auto& api = on.api();
  api.get("/api/plugins",
          [&plugins](const admin_request& request) { return list(request, plugins.report(), fields()); });
  api.post("/api/plugins/load", "load", [&plugins](const admin_request& request, const responder& answer) {
    std::string wrong;
    auto section = section_of(body_of(request), wrong);
    if (!wrong.empty()) return answer(refuse(admin_error::bad_request, wrong));
    answer.within(patience, too_late);
    plugins.load(std::move(section), pass_on(answer));
  });
  api.post("/api/plugins/*/reload", "reload",
           [&plugins](const admin_request& request, const responder& answer) {
             const auto body = body_of(request);
             if (!body.is_object() || (body.contains("library") && !body["library"].is_string()))
               return answer(refuse(admin_error::bad_request, "send {} or {\"library\":PATH}"));
             answer.within(patience, too_late);
             plugins.reload(request.args[0], body.value("library", std::string()), pass_on(answer));
           });
  api.post("/api/plugins/*/unload", "unload",
           [&plugins](const admin_request& request, const responder& answer) {
             answer.within(patience, too_late);
             plugins.unload(request.args[0], pass_on(answer));
           });
}

}  // namespace tickcast::net::admin
