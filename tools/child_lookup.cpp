#include "tools/child_lookup.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

struct match {
  found_child child;
  std::string path;
  std::string state;
};

void collect(const nlohmann::json& node, const std::string& named, std::vector<match>& to) {
  for (const auto& each : member(node, "children")) {
    const auto path = as_text(member(each, "path"));
    if (path == named || path.ends_with("/" + named))
      to.push_back({{as_text(member(node, "path")), as_text(member(each, "name"))},
                    path,
                    as_text(member(each, "state"))});
    collect(each, named, to);
  }
}

}  // namespace

admin_result<found_child> choose_child(const nlohmann::json& tree, const std::string& named) {
  std::vector<match> matches;
  collect(member(tree, "root"), named, matches);
  for (const auto& each : matches)
    if (each.path == named) return each.child;
  if (matches.size() == 1) return matches.front().child;
  if (matches.empty())
    return tl::unexpected(admin_failure{
        exit_code::failed, fmt::format("no supervisor has a child {}; `tickcast tree` shows them", named)});
  auto text = fmt::format("{} names {} children; give the path of one:", named, matches.size());
  for (const auto& each : matches) text += fmt::format("\n  {}  ({})", each.path, each.state);
  return tl::unexpected(admin_failure{exit_code::usage, std::move(text)});
}

admin_result<found_child> find_child(const admin_client& client, const std::string& named) {
  return client.get_json("/api/tree").and_then([&](const nlohmann::json& tree) {
    return choose_child(tree, named);
  });
}

}  // namespace tickcast::tools
