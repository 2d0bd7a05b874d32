#include "store/tier.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace tickcast::store {
namespace {

using tiers = std::vector<std::shared_ptr<const tier>>;

// Asks each tier for its part of the span, from the end that is to be kept until there is enough. `ask` gets
// a tier and a range, `complete_from` a tier.
template <class Row, class Ask, class CompleteFrom>
protocol::expected<std::vector<Row>> gather(const tiers& all, const range& which, Ask ask,
                                            CompleteFrom complete_from) {
  struct part {
    const tier* of;
    range which;
  };
  std::vector<part> parts;
  auto to_ns = which.to_ns;
  for (std::size_t i = 0; i < all.size() && to_ns > which.from_ns; ++i) {
    // The last one has all that is left.
    const bool last = i + 1 == all.size();
    const auto from_ns = last ? which.from_ns : std::max(which.from_ns, complete_from(*all[i]));
    if (from_ns < to_ns) parts.push_back({all[i].get(), {from_ns, to_ns, 0, which.which}});
    to_ns = std::min(to_ns, from_ns);
  }
  if (which.which == keep::oldest) std::reverse(parts.begin(), parts.end());
  std::vector<std::vector<Row>> runs;
  auto wanted = which.limit;
  for (auto& each : parts) {
    if (wanted == 0) break;
    each.which.limit = wanted;
    auto rows = ask(*each.of, each.which);
    if (!rows) return rows;
    wanted -= std::min(wanted, rows->size());
    runs.push_back(std::move(*rows));
  }
  if (which.which == keep::newest) std::reverse(runs.begin(), runs.end());
  std::vector<Row> rows;
  for (auto& run : runs)
    rows.insert(rows.end(), std::make_move_iterator(run.begin()), std::make_move_iterator(run.end()));
  return rows;
}

}  // namespace

protocol::expected<std::vector<protocol::trade>> tiered_history::trades(std::string_view symbol,
                                                                        const range& which) const {
  return gather<protocol::trade>(
      tiers_, which, [&](const tier& of, const range& part) { return of.trades(symbol, part); },
      [&](const tier& of) { return of.complete_from_ns(data_kind::trade, symbol, {}); });
}

protocol::expected<std::vector<protocol::quote>> tiered_history::quotes(std::string_view symbol,
                                                                        const range& which) const {
  return gather<protocol::quote>(
      tiers_, which, [&](const tier& of, const range& part) { return of.quotes(symbol, part); },
      [&](const tier& of) { return of.complete_from_ns(data_kind::quote, symbol, {}); });
}

protocol::expected<std::vector<protocol::bar>> tiered_history::bars(std::string_view interval,
                                                                    std::string_view symbol,
                                                                    const range& which) const {
  return gather<protocol::bar>(
      tiers_, which, [&](const tier& of, const range& part) { return of.bars(interval, symbol, part); },
      [&](const tier& of) { return of.complete_from_ns(data_kind::bar, symbol, interval); });
}

std::vector<std::string> tiered_history::symbols() const {
  std::set<std::string> all;
  for (const auto& each : tiers_)
    for (auto& symbol : each->symbols()) all.insert(std::move(symbol));
  return {all.begin(), all.end()};
}

std::vector<std::string> tiered_history::intervals(std::string_view symbol) const {
  std::set<std::string> all;
  for (const auto& each : tiers_)
    for (auto& interval : each->intervals(symbol)) all.insert(std::move(interval));
  return {all.begin(), all.end()};
}

}  // namespace tickcast::store
