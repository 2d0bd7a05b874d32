#include "tools/list_query.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

constexpr std::size_t page_rows = 500;

admin_failure no_list() {
  return {exit_code::failed, "the answer has no rows; is this Tickcast's admin port?"};
}

admin_result<nlohmann::json> fetch_page(const admin_client& client, const list_query& query,
                                        std::size_t offset, std::size_t limit) {
  auto parameters = query.more;
  parameters.insert(parameters.end(), {{"sort", query.sort},
                                       {"filter", query.filter},
                                       {"offset", offset == 0 ? "" : std::to_string(offset)},
                                       {"limit", std::to_string(limit)}});
  auto page = client.get_json(query.path + query_text(parameters));
  if (page && !member(*page, "rows").is_array()) return tl::unexpected(no_list());
  return page;
}

}  // namespace

admin_result<nlohmann::json> fetch_list(const admin_client& client, const list_query& query) {
  const auto left = [&](std::size_t have) {
    return query.limit ? std::min(page_rows, *query.limit - have) : page_rows;
  };
  auto whole = fetch_page(client, query, 0, left(0));
  if (!whole) return whole;
  auto& rows = (*whole)["rows"];
  const auto matched = whole->value("matched", rows.size());
  while (rows.size() < matched && left(rows.size()) > 0) {
    auto page = fetch_page(client, query, rows.size(), left(rows.size()));
    if (!page) return page;
    auto& more = (*page)["rows"];
    if (more.empty()) break;
    rows.insert(rows.end(), more.begin(), more.end());
    if (page->value("complete", true) == false) (*whole)["complete"] = false;
  }
  return whole;
}

}  // namespace tickcast::tools
