#pragma once
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tools/screen.hpp"

namespace tickcast::tools {

/// What `tickcast top` shows and in which order.
struct top_view {
  enum class order { busy, mailbox, age, name };
  order by = order::busy;
  std::size_t offset = 0;  ///< actors left out above

  /// The list's field to sort by.
  const char* sort() const noexcept;
};

/// Lines of /api/overview: rates, totals, shards, and what needs attention (so many entries at most).
std::vector<std::string> top_overview(const nlohmann::json& overview, std::size_t most_attention);

/// The page: overview, a table of the actors, and a last line with the keys. `size` 0: no limits, no keys.
/// `trouble`: why the answers are old; empty: they are new.
std::string top_page(const nlohmann::json& overview, const nlohmann::json& actors, const top_view& view,
                     screen_size size, const std::string& trouble);

}  // namespace tickcast::tools
