#pragma once
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/admin_client.hpp"

namespace tickcast::tools {

/// Which rows of a list of the admin API, in which order.
struct list_query {
  std::string path;  ///< "/api/actors"
  std::string sort{};
  std::string filter{};
  std::vector<std::pair<std::string, std::string>> more{};  ///< other parameters; empty ones are left out
  std::optional<std::size_t> limit{};                       ///< rows wanted; all when not set
};

/// Asks page by page (500 rows each) and gives one answer: the first page's, with the rows of all. A list
/// that changes meanwhile may show a row twice or miss one. A list without `matched` is one page.
admin_result<nlohmann::json> fetch_list(const admin_client& client, const list_query& query);

}  // namespace tickcast::tools
