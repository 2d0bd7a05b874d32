#include "tools/actor_lookup.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tools/list_query.hpp"
#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

/// Matches that are listed when there are several.
constexpr std::size_t most_listed = 20;

bool is_id(const std::string& named) {
  return !named.empty() && named.find_first_not_of("0123456789") == std::string::npos;
}

bool is_end_of(const std::string& path, const std::string& named) {
  return path.ends_with("/" + named);
}

found_actor read(const nlohmann::json& row) {
  return {as_text(member(row, "id")), as_text(member(row, "path")), as_text(member(row, "kind"))};
}

admin_failure several(const std::vector<found_actor>& matches, const std::string& named) {
  auto text = fmt::format("{} names {} actors; give the id of one:", named, matches.size());
  for (std::size_t i = 0; i < std::min(most_listed, matches.size()); ++i)
    text += fmt::format("\n  {:>6}  {}  {}", matches[i].id, matches[i].kind, matches[i].path);
  if (matches.size() > most_listed) text += fmt::format("\n  and {} more", matches.size() - most_listed);
  return {exit_code::usage, std::move(text)};
}

}  // namespace

std::string found_actor::text() const {
  return fmt::format("{} ({}, actor {})", path, kind, id);
}

admin_result<found_actor> choose_actor(const std::vector<found_actor>& all, const std::string& named) {
  const std::function<bool(const found_actor&)> tests[]{
      [&](const found_actor& each) { return each.path == named; },
      [&](const found_actor& each) { return is_end_of(each.path, named); },
      [&](const found_actor& each) { return ::fnmatch(named.c_str(), each.path.c_str(), 0) == 0; }};
  for (const auto& fits : tests) {
    std::vector<found_actor> matches;
    std::copy_if(all.begin(), all.end(), std::back_inserter(matches), fits);
    if (matches.size() == 1) return matches.front();
    if (!matches.empty()) return tl::unexpected(several(matches, named));
  }
  return tl::unexpected(admin_failure{exit_code::failed,
                                      fmt::format("no actor {} lives; `tickcast actors` lists them", named)});
}

admin_result<found_actor> find_actor(const admin_client& client, const std::string& named) {
  if (is_id(named)) return client.get_json("/api/actors/" + named).map(read);
  list_query query{.path = "/api/actors"};
  query.filter = named.find_first_of("*?") == std::string::npos ? named : "";
  const auto answer = fetch_list(client, query);
  if (!answer) return tl::unexpected(answer.error());
  std::vector<found_actor> all;
  for (const auto& row : member(*answer, "rows")) all.push_back(read(row));
  return choose_actor(all, named);
}

}  // namespace tickcast::tools
