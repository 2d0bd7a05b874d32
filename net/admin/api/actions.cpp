// What operators do to actors: restart, stop, start, trace; suspend and resume feeds.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "actors/messages.hpp"
#include "actors/runtime/inspection.hpp"
#include "net/admin/api/console.hpp"

namespace tickcast::net::admin {
namespace {

using nlohmann::json;

/// A supervisor that has not answered by then ends another child first.
constexpr std::chrono::milliseconds patience{7000};
constexpr std::size_t most_traces = 4;
constexpr std::size_t traces_kept = 16;

/// Kinds whose actors nobody starts again when they end.
constexpr std::string_view not_restarted[]{"connection"};

caf::actor reach(const actors::probe& of) {
  return caf::actor_cast<caf::actor>(caf::actor_cast<caf::strong_actor_ptr>(of.actor));
}

actors::supervision_answer pass_on(const responder& answer) {
  return [answer](const std::string& refusal) {
    answer(refusal.empty() ? done() : refuse(admin_error::conflict, refusal));
  };
}

http_answer too_late() {
  return refuse(admin_error::timeout,
                "the supervisor is busy ending another child; it will be done after that");
}

}  // namespace

json body_of(const admin_request& request) {
  if (request.body.empty()) return json::object();
  auto body = json::parse(request.body, nullptr, false);
  return body.is_object() ? body : json();
}

http_answer done(const json& more) {
  json body{{"done", true}};
  body.update(more);
  return json_answer(body);
}

http_answer done() {
  return done(json::object());
}

struct console::place {
  std::string supervisor;
  std::uint64_t supervisor_actor;
  std::string child;
};

std::optional<console::place> console::place_of(std::uint64_t actor) const {
  for (const auto& each : engine_.probes.supervisors.all())
    for (const auto& child : each->children)
      if (child.actor == actor && actor != 0) return place{each->path, each->actor, child.id};
  return std::nullopt;
}

void console::add_action_routes() {
  auto& api = admin_.api();
  using q = const admin_request&;
  using a = const responder&;
  api.post("/api/actors/*/restart", "restart", [this](q request, a answer) { restart(request, answer); });
  api.post("/api/actors/*/stop", "stop", [this](q request, a answer) { stop(request, answer); });
  api.post("/api/children/start", "start", [this](q request, a answer) { start_child(request, answer); });
  api.post("/api/actors/*/trace", "trace", [this](q request, a answer) { trace(request, answer); });
  const auto feed = [this](bool rests) {
    return [this, rests](q request, a answer) {
      const auto& name = request.args[0];
      answer(sources_.suspend_feed(name, rests, request.who.name)
                 ? done()
                 : refuse(admin_error::not_found, "there is no feed " + name));
    };
  };
  api.post("/api/feeds/*/suspend", "suspend", feed(true));
  api.post("/api/feeds/*/resume", "resume", feed(false));
  api.get("/api/trace/*", [this](q request) { return read_trace(request); });
}

void console::restart(const admin_request& request, const responder& answer) {
  const auto id = read_id(request.args[0]);
  const auto found = id ? engine_.probes.find(*id) : nullptr;
  if (!found) return answer(refuse(admin_error::not_found, "no actor " + request.args[0] + " lives"));
  const auto kind = found->who.kind;
  if (found->who.parent.empty())
    return answer(refuse(admin_error::conflict, "nobody restarts the root; stop the server instead"));
  if (std::find(std::begin(not_restarted), std::end(not_restarted), kind) != std::end(not_restarted))
    return answer(refuse(admin_error::conflict, fmt::format("nobody restarts a {}; kick it instead", kind)));
  const auto who = reach(*found);
  if (!who) return answer(refuse(admin_error::not_found, "it has just ended"));
  caf::anon_send<caf::message_priority::high>(
      who, caf::exit_msg{who.address(), actors::supervision_error::restart_asked});
  answer(done());
}

void console::stop(const admin_request& request, const responder& answer) {
  const auto id = read_id(request.args[0]);
  const auto found = id ? engine_.probes.find(*id) : nullptr;
  if (!found) return answer(refuse(admin_error::not_found, "no actor " + request.args[0] + " lives"));
  const auto where = place_of(*id);
  if (!where)
    return answer(
        refuse(admin_error::conflict, fmt::format("a {} is no supervisor's child and cannot be stopped by "
                                                  "itself",
                                                  found->who.kind)));
  const bool vital =
      !where->supervisor.starts_with("root/feeds") && !where->supervisor.starts_with("root/plugins");
  const auto body = body_of(request);
  const bool force = body.is_object() && body.value("force", json(false)) == true;
  if (vital && !force)
    return answer(
        refuse(admin_error::conflict,
               "the engine serves nobody without it; send {\"force\":true} to stop it all the same"));
  if (vital && !engine_.settings.admin.allow_destructive)
    return answer(refuse(admin_error::conflict,
                         "admin.allow_destructive does not allow to stop a part the engine "
                         "cannot be without"));
  const auto supervisor = engine_.probes.find(where->supervisor_actor);
  if (!supervisor) return answer(refuse(admin_error::conflict, "its supervisor has just ended"));
  answer.within(patience, too_late);
  actors::tell(reach(*supervisor), actors::terminate_child{where->child, pass_on(answer)});
}

void console::start_child(const admin_request& request, const responder& answer) {
  const auto body = body_of(request);
  const auto text = [&](const char* name) {
    return body.is_object() && body.contains(name) && body[name].is_string() ? body[name].get<std::string>()
                                                                             : std::string();
  };
  for (const auto& each : engine_.probes.supervisors.all()) {
    if (each->path != text("supervisor")) continue;
    const auto supervisor = engine_.probes.find(each->actor);
    if (!supervisor) break;
    answer.within(patience, too_late);
    actors::tell(reach(*supervisor), actors::restart_child{text("child"), pass_on(answer)});
    return;
  }
  answer(refuse(admin_error::not_found, "there is no supervisor " + text("supervisor")));
}

void console::trace(const admin_request& request, const responder& answer) {
  const auto id = read_id(request.args[0]);
  const auto found = id ? engine_.probes.find(*id) : nullptr;
  const auto who = found ? reach(*found) : nullptr;
  if (!who) return answer(refuse(admin_error::not_found, "no actor " + request.args[0] + " lives"));
  const auto body = body_of(request);
  const auto count = body.is_object() ? body.value("count", json(100)) : json();
  const auto seconds = body.is_object() ? body.value("seconds", json(10)) : json();
  const auto filter = body.is_object() ? body.value("filter", json("")) : json();
  if (!count.is_number_integer() || count < 1 || count > 1000)
    return answer(refuse(admin_error::bad_request, "count must be a whole number from 1 to 1000"));
  if (!seconds.is_number() || seconds <= 0 || seconds > 60)
    return answer(refuse(admin_error::bad_request, "seconds must be a number, at most 60"));
  if (!filter.is_string()) return answer(refuse(admin_error::bad_request, "filter must be a text"));
  std::size_t running = 0;
  for (const auto& [number, each] : traces_) {
    const auto read = each.what->read();
    // An actor has one trace: the new one takes the place of the old.
    if (each.actor != *id) running += read.over || read.full ? 0 : 1;
  }
  if (running >= most_traces)
    return answer(refuse(admin_error::conflict, "four traces run already; wait for one"));
  const auto until = actors::message_trace::clock::now() +
                     std::chrono::milliseconds(static_cast<std::int64_t>(seconds.get<double>() * 1000));
  auto made =
      std::make_shared<actors::message_trace>(count.get<std::size_t>(), until, filter.get<std::string>());
  for (const auto& [number, each] : traces_)
    if (each.actor == *id) each.what->stop();
  traces_[++last_trace_] = {*id, made};
  if (traces_.size() > traces_kept) traces_.erase(traces_.begin());
  actors::tell(who, actors::trace_actor{std::move(made)});
  answer(done({{"trace", std::to_string(last_trace_)}}));
}

http_answer console::read_trace(const admin_request& request) {
  const auto id = read_id(request.args[0]);
  const auto found = id ? traces_.find(*id) : traces_.end();
  if (found == traces_.end()) return refuse(admin_error::not_found, "there is no trace " + request.args[0]);
  const auto read = found->second.what->read();
  json rows = json::array();
  for (const auto& each : read.rows)
    rows.push_back({{"seq", each.seq},
                    {"at", each.at_us},
                    {"message", each.message},
                    {"text", each.text},
                    {"from", each.from.empty() ? json() : json(each.from)},
                    {"took_us", static_cast<double>(each.took_ns) / 1000}});
  const auto state = read.full ? "full" : read.over ? "over" : "running";
  return json_answer({{"id", request.args[0]},
                      {"actor", std::to_string(found->second.actor)},
                      {"state", state},
                      {"left_ms", read.left_ms},
                      {"seen", read.seen},
                      {"matched", read.rows.size()},
                      {"rows", std::move(rows)}});
}

}  // namespace tickcast::net::admin
