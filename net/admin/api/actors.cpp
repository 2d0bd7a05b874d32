// The actors, one by one: /api/actors, /api/actors/ID, /api/restarts.
#include <nlohmann/json.hpp>

#include "actors/runtime/inspection.hpp"
#include "net/admin/api/console.hpp"
#include "net/admin/listing.hpp"

namespace tickcast::net::admin {
namespace {

using actors::handler_times;
using actors::probe;

/// An actor that has not described itself by then is busy or stuck.
constexpr std::chrono::milliseconds patience{500};

std::string state_of(const probe& of) {
  if (of.handling_since_ns.load(std::memory_order_relaxed) != 0) return "running";
  return of.depth() != 0 ? "ready" : "waiting";
}

std::int64_t running_ms(const probe& of, std::int64_t now_ns) {
  const auto since = of.handling_since_ns.load(std::memory_order_relaxed);
  return since == 0 ? 0 : std::max<std::int64_t>(0, now_ns - since) / 1'000'000;
}

std::int64_t whole(std::uint64_t n) {
  return static_cast<std::int64_t>(n);
}

cell micros(const probe& of, double share) {
  const auto counts = of.times.counts();
  const auto ns = actors::quantile_ns(counts, share);
  return ns == 0 ? cell{} : cell{static_cast<double>(ns) / 1000};
}

cell known(const std::optional<double>& value) {
  return value ? cell{*value} : cell{};
}

cell text_or_null(std::string text) {
  return text.empty() ? cell{} : cell{std::move(text)};
}

nlohmann::json to_json(const actors::description& of) {
  auto result = nlohmann::json::object();
  for (const auto& each : of.fields)
    std::visit([&](const auto& what) { result[each.first] = what; }, each.second);
  return result;
}

nlohmann::json histogram_of(const probe& of) {
  nlohmann::json bounds = nlohmann::json::array(), counts = nlohmann::json::array();
  const auto all = of.times.counts();
  for (std::size_t i = 0; i < all.size(); ++i) {
    bounds.push_back(static_cast<double>(handler_times::bound_ns(i)) / 1000);
    counts.push_back(all[i]);
  }
  return {{"bounds_us", bounds}, {"counts", counts}};
}

nlohmann::json to_json(const actors::restart_record& of) {
  return {{"at", of.at_us},
          {"supervisor", of.supervisor},
          {"child", of.child},
          {"reason", of.reason},
          {"down_ms", of.down_ms ? nlohmann::json(*of.down_ms) : nlohmann::json()},
          {"outcome", to_string(of.became)}};
}

}  // namespace

std::vector<console::actor_row> console::actor_rows() {
  const auto now = std::chrono::steady_clock::now();
  const auto now_ns = std::chrono::nanoseconds(now.time_since_epoch()).count();
  received_.begin(now);
  busy_.begin(now);
  std::unordered_map<std::uint64_t, std::uint64_t> restarts;
  for (const auto& supervisor : engine_.probes.supervisors.all())
    for (const auto& each : supervisor->children)
      if (each.actor != 0) restarts[each.actor] = each.restarts;
  std::vector<actor_row> rows;
  for (auto& each : engine_.probes.all()) {
    const auto id = each->id;
    const auto found = restarts.find(id);
    const auto known_restarts = found == restarts.end() ? each->restarts : found->second;
    const auto received = received_.per_s(id, static_cast<double>(each->all_received()));
    const auto busy =
        busy_.per_s(id, static_cast<double>(each->busy_ns.load(std::memory_order_relaxed)) / 1e9);
    rows.push_back({std::move(each), received, busy, known_restarts, now_ns});
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.of->id < b.of->id; });
  return rows;
}

namespace {

template <class Row>
std::vector<field<Row>> fields_of_actors() {
  using r = const Row&;
  return {
      {"id", [](r a) { return std::to_string(a.of->id); }},
      {"kind", [](r a) { return std::string(a.of->who.kind); }, true},
      {"name", [](r a) { return a.of->who.name; }, true},
      {"parent", [](r a) { return a.of->who.parent; }},
      {"path", [](r a) { return a.of->who.path(); }, true},
      {"thread", [](r a) { return std::string(a.of->who.thread); }},
      {"state", [](r a) { return state_of(*a.of); }},
      {"running_ms", [](r a) { return running_ms(*a.of, a.now_ns); }},
      {"mailbox", [](r a) { return whole(a.of->depth()); }},
      {"oldest_ms", [](r a) { return a.of->oldest_ns(a.now_ns) / 1'000'000; }},
      {"received", [](r a) { return whole(a.of->all_received()); }},
      {"sent", [](r a) { return whole(a.of->all_sent()); }},
      {"received_per_s", [](r a) { return known(a.received_per_s); }},
      {"busy", [](r a) { return known(a.busy); }},
      {"busy_ms", [](r a) { return whole(a.of->busy_ns.load(std::memory_order_relaxed) / 1'000'000); }},
      {"p50_us", [](r a) { return micros(*a.of, 0.5); }},
      {"p99_us", [](r a) { return micros(*a.of, 0.99); }},
      {"longest_us", [](r a) { return static_cast<double>(a.of->times.longest_ns()) / 1000; }},
      {"restarts", [](r a) { return whole(a.restarts); }},
      {"last_error", [](r a) { return text_or_null(a.of->last_error().what); }},
      {"last_error_at",
       [](r a) {
         const auto at = a.of->last_error().at_us;
         return at == 0 ? cell{} : cell{at};
       }},
      {"started", [](r a) { return a.of->started_us; }},
  };
}

}  // namespace

void console::add_actor_routes() {
  admin_.api().get("/api/actors", [this](const admin_request& request) {
    auto rows = actor_rows();
    if (const auto kind = request.text("kind"); !kind.empty())
      std::erase_if(rows, [&](const auto& row) { return row.of->who.kind != kind; });
    return list(request, rows, fields_of_actors<actor_row>());
  });
  admin_.api().get("/api/actors/*", [this](const admin_request& request, const responder& answer) {
    describe(request, answer);
  });
  admin_.api().get("/api/restarts", [this](const admin_request& request) {
    using row = actors::restart_record;
    static const std::vector<field<row>> fields{
        {"at", [](const row& r) { return r.at_us; }},
        {"supervisor", [](const row& r) { return r.supervisor; }, true},
        {"child", [](const row& r) { return r.child; }, true},
        {"reason", [](const row& r) { return r.reason; }, true},
        {"down_ms", [](const row& r) { return r.down_ms ? cell{*r.down_ms} : cell{}; }},
        {"outcome", [](const row& r) { return std::string(to_string(r.became)); }, true},
    };
    return list(request, engine_.probes.restarts.newest(), fields);
  });
}

void console::describe(const admin_request& request, const responder& answer) {
  const auto id = read_id(request.args[0]);
  const auto rows = actor_rows();
  const auto found = std::find_if(rows.begin(), rows.end(), [&](auto& row) { return row.of->id == id; });
  if (found == rows.end())
    return answer(
        refuse(admin_error::not_found, "no actor " + request.args[0] + " lives; it may have been restarted"));
  auto body = nlohmann::json::object();
  for (const auto& each : fields_of_actors<actor_row>())
    body[std::string(each.name)] = admin::to_json(each.read(*found));
  body["at"] = now_us();
  body["histogram"] = histogram_of(*found->of);
  body["supervision"] = nullptr;
  std::string supervisor, child = found->of->who.name;
  for (const auto& each : engine_.probes.supervisors.all())
    for (const auto& of : each->children)
      if (of.actor == id) {
        body["supervision"] = {{"supervisor", each->path},
                               {"child", of.id},
                               {"strategy", to_string(each->strategy)},
                               {"restart", to_string(of.restart)}};
        child = of.id;
      }
  body["restarts_list"] = nlohmann::json::array();
  for (const auto& each : engine_.probes.restarts.newest())
    if (each.child == child && each.supervisor == found->of->who.parent)
      body["restarts_list"].push_back(to_json(each));

  const auto shared = std::make_shared<nlohmann::json>(std::move(body));
  answer.within(patience, [shared] {
    (*shared)["described"] = nullptr;
    (*shared)["complete"] = false;
    return json_answer(*shared);
  });
  const auto target = caf::actor_cast<caf::actor>(caf::actor_cast<caf::strong_actor_ptr>(found->of->actor));
  actors::tell(target, actors::describe_actor{[shared, answer](actors::description&& mine) {
                 // On the actor's thread: what is shared with the admin thread is copied, not changed.
                 auto body_now = *shared;
                 body_now["described"] = to_json(mine);
                 body_now["complete"] = true;
                 answer(json_answer(body_now));
               }});
}

}  // namespace tickcast::net::admin
