// The supervision tree: /api/tree.
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "net/admin/api/console.hpp"

namespace tickcast::net::admin {
namespace {

using nlohmann::json;
using views = std::vector<std::shared_ptr<const actors::supervisor_view>>;

/// Actors that no supervisor has for a child, by the path of who owns them.
struct crowd {
  std::size_t count = 0;
  std::uint64_t mailbox = 0;
  double busy_ms = 0;
};
using crowds = std::map<std::string, std::map<std::string, crowd>>;
using names = std::map<std::uint64_t, std::string>;  ///< actor -> kind

struct forest {
  const views& all;
  const crowds& many;
  const names& kinds;
  std::chrono::steady_clock::time_point now;

  const actors::supervisor_view* find(std::uint64_t actor) const {
    for (const auto& each : all)
      if (each->actor == actor) return each.get();
    return nullptr;
  }
  json many_of(const std::string& path) const {
    auto result = json::array();
    if (const auto found = many.find(path); found != many.end())
      for (const auto& [kind, each] : found->second)
        result.push_back(
            {{"kind", kind}, {"count", each.count}, {"mailbox", each.mailbox}, {"busy_ms", each.busy_ms}});
    return result;
  }
  json supervisor(const actors::supervisor_view& of) const;
  json child(const actors::child_view& of, const actors::supervisor_view& parent) const;
};

json forest::supervisor(const actors::supervisor_view& of) const {
  json result{{"path", of.path},
              {"name", of.path.substr(of.path.rfind('/') + 1)},
              {"kind", "supervisor"},
              {"id", std::to_string(of.actor)},
              {"state", "running"},
              {"strategy", to_string(of.strategy)},
              {"intensity", of.limits.intensity},
              {"period_ms", of.limits.period.count()},
              {"spent", spent_at(of.spent, of.limits, now)},
              {"each_its_own", of.each_its_own},
              {"children", json::array()},
              {"many", many_of(of.path)}};
  for (const auto& each : of.children) result["children"].push_back(child(each, of));
  return result;
}

json forest::child(const actors::child_view& of, const actors::supervisor_view& parent) const {
  const auto path = parent.path + "/" + of.id;
  json result{{"children", json::array()}, {"many", many_of(path)}};
  if (const auto* below = of.actor == 0 ? nullptr : find(of.actor)) result = supervisor(*below);
  const auto kind = kinds.find(of.actor);
  if (!result.contains("kind")) result["kind"] = kind == kinds.end() ? json() : json(kind->second);
  result["path"] = path;
  result["name"] = of.id;
  result["id"] = of.actor == 0 ? json() : json(std::to_string(of.actor));
  result["state"] = to_string(of.status);
  result["restart"] = to_string(of.restart);
  result["restarts"] = of.restarts;
  result["last_reason"] = of.last_reason.empty() ? json() : json(of.last_reason);
  result["due_ms"] = nullptr;
  if (of.due && of.status == actors::child_status::waiting)
    result["due_ms"] = std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::milliseconds>(*of.due - now).count());
  if (parent.each_its_own && !result.contains("spent")) {
    result["spent"] = spent_at(of.spent, parent.limits, now);
    result["intensity"] = parent.limits.intensity;
    result["period_ms"] = parent.limits.period.count();
  }
  return result;
}

}  // namespace

void console::add_tree_routes() {
  admin_.api().get("/api/tree", [this](const admin_request&) {
    const auto all = engine_.probes.supervisors.all();
    std::set<std::uint64_t> supervised;
    for (const auto& each : all) {
      supervised.insert(each->actor);
      for (const auto& child : each->children) supervised.insert(child.actor);
    }
    crowds many;
    names kinds;
    for (const auto& each : engine_.probes.all()) {
      kinds[each->id] = each->who.kind;
      if (supervised.contains(each->id)) continue;
      auto& mine = many[each->who.parent][std::string(each->who.kind)];
      ++mine.count;
      mine.mailbox += each->depth();
      mine.busy_ms += static_cast<double>(each->busy_ns.load(std::memory_order_relaxed)) / 1e6;
    }
    const forest whole{all, many, kinds, std::chrono::steady_clock::now()};
    for (const auto& each : all)
      if (each->path.find('/') == std::string::npos)
        return json_answer({{"at", now_us()}, {"root", whole.supervisor(*each)}});
    return refuse(admin_error::not_found, "there is no root supervisor: the server starts or stops");
  });
}

}  // namespace tickcast::net::admin
