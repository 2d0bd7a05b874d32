#include "plugins/kit/virtual_topic.hpp"

#include <algorithm>

namespace tickcast::plugins {
namespace {

template <class Row>
bool earlier(const Row& row, std::int64_t time_ns) {
  return row.time_ns < time_ns;
}

/// Rows that came late stand in their place by time.
template <class Row>
auto place_for(std::deque<Row>& rows, std::int64_t time_ns) {
  auto at = rows.end();
  while (at != rows.begin() && (at - 1)->time_ns > time_ns) --at;
  return at;
}

/// Rows of one time go together, so that what is here is all from its first time on.
template <class Row>
void shed(std::deque<Row>& rows) {
  if (rows.size() <= virtual_topic::most_kept) return;
  const auto time_ns = rows.front().time_ns;
  while (!rows.empty() && rows.front().time_ns == time_ns) rows.pop_front();
}

/// `read` takes the range that is before the rows.
template <class Row, class Read>
protocol::expected<std::vector<Row>> join(const std::deque<Row>& rows, store::range which,
                                          std::int64_t kept_until_ns, const Read& read) {
  const auto begin = std::lower_bound(rows.begin(), rows.end(), which.from_ns, earlier<Row>);
  const auto end = std::lower_bound(begin, rows.end(), which.to_ns, earlier<Row>);
  const auto here = static_cast<std::size_t>(end - begin);
  const bool newest = which.which == store::keep::newest;
  auto older = which;
  older.to_ns = std::min(which.to_ns, rows.empty() ? kept_until_ns : rows.front().time_ns);
  if (newest) older.limit -= std::min(older.limit, here);
  std::vector<Row> result;
  if (older.limit > 0 && older.from_ns < older.to_ns) {
    auto stored = read(older);
    if (!stored) return stored;
    result = std::move(*stored);
  }
  result.insert(result.end(), begin, end);
  if (result.size() > which.limit) {
    const auto over = static_cast<std::ptrdiff_t>(result.size() - which.limit);
    if (newest)
      result.erase(result.begin(), result.begin() + over);
    else
      result.erase(result.end() - over, result.end());
  }
  return result;
}

}  // namespace

void virtual_topic::add(const message& update) {
  if (const auto* trade = std::get_if<protocol::trade>(&update.what)) {
    trades.insert(place_for(trades, trade->time_ns), *trade);
    shed(trades);
  } else if (const auto* best = std::get_if<protocol::quote>(&update.what)) {
    quote = *best;
  } else if (const auto* bar = std::get_if<protocol::bar>(&update.what)) {
    const auto at = place_for(bars, bar->time_ns);
    if (at != bars.begin() && (at - 1)->time_ns == bar->time_ns)
      *(at - 1) = *bar;
    else
      bars.insert(at, *bar);
    shed(bars);
  } else if (const auto* text = std::get_if<std::shared_ptr<const std::string>>(&update.what)) {
    event = *text;
  }
}

protocol::expected<std::vector<protocol::trade>> virtual_topic::read_trades(const store::history* kept,
                                                                            std::int64_t now_ns,
                                                                            const store::range& which) const {
  return join(trades, which, now_ns,
              [&](const store::range& older) -> protocol::expected<std::vector<protocol::trade>> {
                if (!kept) return std::vector<protocol::trade>();
                return kept->trades(ref->symbol, older);
              });
}

protocol::expected<std::vector<protocol::bar>> virtual_topic::read_bars(const store::history* kept,
                                                                        std::int64_t ended_ns,
                                                                        const store::range& which) const {
  return join(bars, which, ended_ns,
              [&](const store::range& older) -> protocol::expected<std::vector<protocol::bar>> {
                if (!kept) return std::vector<protocol::bar>();
                return kept->bars(ref->interval, ref->symbol, older);
              });
}

}  // namespace tickcast::plugins
