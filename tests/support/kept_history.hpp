#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/history.hpp"

namespace tickcast::tests {

/// History in plain vectors, which the test fills in ascending time before anybody reads.
class kept_history final : public store::history {
public:
  std::map<std::string, std::vector<protocol::trade>, std::less<>> all_trades;
  std::map<std::pair<std::string, std::string>, std::vector<protocol::bar>> all_bars;  ///< interval, symbol
  bool broken = false;

  protocol::expected<std::vector<protocol::trade>> trades(std::string_view symbol,
                                                          const store::range& which) const override {
    if (broken) return fault();
    const auto found = all_trades.find(symbol);
    if (found == all_trades.end()) return std::vector<protocol::trade>{};
    return cut(found->second, which);
  }
  protocol::expected<std::vector<protocol::quote>> quotes(std::string_view,
                                                          const store::range&) const override {
    return std::vector<protocol::quote>{};
  }
  protocol::expected<std::vector<protocol::bar>> bars(std::string_view interval, std::string_view symbol,
                                                      const store::range& which) const override {
    if (broken) return fault();
    const auto found = all_bars.find({std::string(interval), std::string(symbol)});
    if (found == all_bars.end()) return std::vector<protocol::bar>{};
    return cut(found->second, which);
  }
  std::vector<std::string> symbols() const override {
    std::set<std::string> names;
    for (const auto& [name, rows] : all_trades) names.insert(name);
    for (const auto& [key, rows] : all_bars) names.insert(key.second);
    return {names.begin(), names.end()};
  }
  std::vector<std::string> intervals(std::string_view symbol) const override {
    std::vector<std::string> result;
    for (const auto& [key, rows] : all_bars)
      if (key.second == symbol) result.push_back(key.first);
    return result;
  }

private:
  static tl::unexpected<protocol::error> fault() {
    return tl::unexpected(protocol::error{protocol::errc::storage, "the disk is gone"});
  }
  template <class Row>
  static std::vector<Row> cut(const std::vector<Row>& all, const store::range& which) {
    std::vector<Row> rows;
    for (const auto& each : all)
      if (each.time_ns >= which.from_ns && each.time_ns < which.to_ns) rows.push_back(each);
    if (rows.size() > which.limit) {
      const auto over = static_cast<std::ptrdiff_t>(rows.size() - which.limit);
      if (which.which == store::keep::newest)
        rows.erase(rows.begin(), rows.begin() + over);
      else
        rows.erase(rows.end() - over, rows.end());
    }
    return rows;
  }
};

}  // namespace tickcast::tests
