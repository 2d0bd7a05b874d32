#include "net/admin/liveness.hpp"

namespace tickcast::net::admin {

void liveness::look(clock::time_point now) {
  for (auto& each : watched_) {
    const auto turns = each.host->turns();
    if (turns == each.turns && each.changed != clock::time_point{}) continue;
    each.turns = turns;
    each.changed = now;
  }
}

std::vector<std::string> liveness::stuck(clock::time_point now) const {
  std::vector<std::string> names;
  for (const auto& each : watched_)
    if (each.changed != clock::time_point{} && now - each.changed >= patience)
      names.push_back(each.host->name());
  return names;
}

std::map<std::string, std::chrono::milliseconds> liveness::still(clock::time_point now) const {
  std::map<std::string, std::chrono::milliseconds> result;
  for (const auto& each : watched_)
    result[each.host->name()] =
        each.changed == clock::time_point{}
            ? std::chrono::milliseconds(0)
            : std::chrono::duration_cast<std::chrono::milliseconds>(now - each.changed);
  return result;
}

}  // namespace tickcast::net::admin
