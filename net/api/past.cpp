#include "net/api/past.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace tickcast::net::api {
namespace {

using protocol::bar;
using protocol::trade;

constexpr std::int64_t ns_a_us = 1000;
/// Rows of one microsecond that one page may hold beyond its limit.
constexpr std::size_t most_at_once = 50'000;
/// Stored trades that are compared with those the topic shows.
constexpr std::size_t compared = 256;

template <class Row>
bool earlier(const Row& row, std::int64_t time_ns) {
  return row.time_ns < time_ns;
}

/// The rows of `all`, which ascend, that lie in the range's time.
template <class Row>
std::pair<std::size_t, std::size_t> inside(const std::vector<Row>& all, const store::range& which) {
  const auto begin = std::lower_bound(all.begin(), all.end(), which.from_ns, earlier<Row>);
  const auto end = std::lower_bound(begin, all.end(), which.to_ns, earlier<Row>);
  return {static_cast<std::size_t>(begin - all.begin()), static_cast<std::size_t>(end - all.begin())};
}

template <class Row>
void append(std::vector<Row>& to, const std::vector<Row>& from, std::size_t begin, std::size_t end) {
  to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(begin),
            from.begin() + static_cast<std::ptrdiff_t>(end));
}

}  // namespace

std::int64_t floor_us(std::int64_t ns) noexcept {
  return ns / ns_a_us - (ns % ns_a_us < 0 ? 1 : 0);
}

store::range make_range(std::optional<std::int64_t> from_ns, std::optional<std::int64_t> to_ns,
                        std::size_t limit) {
  store::range made;
  if (from_ns) made.from_ns = *from_ns;
  if (to_ns) made.to_ns = *to_ns;
  made.limit = limit;
  made.which = from_ns ? store::keep::oldest : store::keep::newest;
  return made;
}

std::int64_t utc_ns() noexcept {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::optional<std::int64_t> end_of_past(const protocol::topic_name& topic, std::int64_t delay_ms,
                                        std::int64_t now_ns) {
  constexpr std::int64_t ns_a_ms = 1'000'000;
  constexpr std::int64_t longest_month_ns = 31LL * 86'400 * 1'000'000'000;
  if (delay_ms == 0) return no_end;
  // The row of exactly then may be shown.
  const auto end = now_ns - delay_ms * ns_a_ms + 1;
  if (topic.kind != protocol::topic_kind::bar) return end;
  using unit = protocol::interval::unit;
  if (topic.bar_interval.by == unit::time) return end - topic.bar_interval.count;
  if (topic.bar_interval.by == unit::month) return end - topic.bar_interval.count * longest_month_ns;
  return std::nullopt;
}

// ---- bars

joined_bars::joined_bars(const store::history& past, std::string interval, std::string symbol,
                         const actors::topic_sight& now, std::int64_t end_ns)
    : past_(past), interval_(std::move(interval)), symbol_(std::move(symbol)), end_ns_(end_ns) {
  const auto* view = now.view ? std::get_if<actors::bar_view>(now.view.get()) : nullptr;
  if (view) shown_.assign(view->bars.begin(), view->bars.end());
}

protocol::expected<std::vector<bar>> joined_bars::read(const store::range& asked) const {
  auto which = asked;
  which.to_ns = std::min(which.to_ns, end_ns_);
  if (which.from_ns >= which.to_ns) return std::vector<bar>{};
  auto [begin, end] = inside(shown_, which);
  auto older = which;
  if (!shown_.empty()) older.to_ns = std::min(which.to_ns, shown_.front().time_ns);
  const bool newest = which.which == store::keep::newest;
  if (newest) {
    begin = std::max(begin, end - std::min(end, which.limit));
    older.limit = which.limit - (end - begin);
  }
  std::vector<bar> rows;
  if (older.limit > 0 && older.from_ns < older.to_ns) {
    auto read = past_.bars(interval_, symbol_, older);
    if (!read) return read;
    rows = std::move(*read);
  }
  if (!newest) end = std::min(end, begin + (which.limit - rows.size()));
  append(rows, shown_, begin, end);
  return rows;
}

// ---- trades

joined_trades::joined_trades(const store::history& past, std::string symbol, const actors::topic_sight& now,
                             std::function<void()> catch_up, std::int64_t end_ns)
    : past_(past), symbol_(std::move(symbol)), catch_up_(std::move(catch_up)), end_ns_(end_ns) {
  const auto* view = now.view ? std::get_if<actors::trade_view>(now.view.get()) : nullptr;
  if (view) shown_ = view->last.to_vector();
  all_shown_ = now.seq <= shown_.size();
  std::stable_sort(shown_.begin(), shown_.end(),
                   [](const trade& a, const trade& b) { return a.time_ns < b.time_ns; });
}

/// Finds the shown trades that are not stored. False: so few are stored that there may be others before them.
protocol::expected<bool> joined_trades::compare() const {
  auto stored = past_.trades(symbol_, {.limit = compared});
  if (!stored) return protocol::unexpected(std::move(stored.error()));
  const auto newest_ns = stored->empty() ? std::numeric_limits<std::int64_t>::min() : stored->back().time_ns;
  // What is older than the newest stored one and not stored was cancelled, or is found by the next question.
  young_.clear();
  for (const auto& each : shown_) {
    const auto same = std::find(stored->begin(), stored->end(), each);
    if (same != stored->end())
      stored->erase(same);
    else if (each.time_ns >= newest_ns)
      young_.push_back(each);
  }
  return all_shown_ || young_.size() < shown_.size();
}

protocol::expected<void> joined_trades::find_young() const {
  auto met = compare();
  if (met && !*met && catch_up_) {
    catch_up_();
    met = compare();
  }
  if (!met) return protocol::unexpected(std::move(met.error()));
  joined_ = true;
  return {};
}

/// The store may have been given more since somebody looked at the topic: what came in the same moment as the
/// last trade shown, and is not shown.
void joined_trades::leave_out_younger(std::vector<trade>& rows) const {
  const auto last_ns = shown_.back().time_ns;
  if (!all_shown_ && shown_.front().time_ns == last_ns) return;
  auto left = shown_;
  std::erase_if(rows, [&](const trade& row) {
    if (row.time_ns != last_ns) return false;
    const auto same = std::find(left.begin(), left.end(), row);
    if (same == left.end()) return true;
    left.erase(same);
    return false;
  });
}

protocol::expected<std::vector<trade>> joined_trades::read(const store::range& asked) const {
  auto which = asked;
  which.to_ns = std::min(which.to_ns, end_ns_);
  if (which.from_ns >= which.to_ns) return std::vector<trade>{};
  if (!joined_)
    if (auto found = find_young(); !found) return protocol::unexpected(std::move(found.error()));
  const bool newest = which.which == store::keep::newest;
  auto wider = which;
  if (!shown_.empty()) {
    wider.to_ns = std::min(which.to_ns, shown_.back().time_ns + 1);
    if (newest) wider.limit += compared;  // some of them may be too young
  }
  auto rows = past_.trades(symbol_, wider);
  if (!rows) return rows;
  if (!shown_.empty()) leave_out_younger(*rows);
  if (!newest && rows->size() >= which.limit) return rows;
  auto young = young_;
  // Some may have been stored meanwhile. Trades without ids may be equal: each stored one stands for one
  // shown.
  auto left = shown_;
  for (auto row = rows->rbegin(); row != rows->rend() && !young.empty(); ++row) {
    if (row->time_ns < young.front().time_ns) break;
    if (const auto same = std::find(left.begin(), left.end(), *row); same != left.end()) left.erase(same);
  }
  std::erase_if(young, [&](const trade& each) {
    const auto open = std::find(left.begin(), left.end(), each);
    if (open == left.end()) return true;
    left.erase(open);
    return false;
  });
  const auto [begin, end] = inside(young, which);
  append(*rows, young, begin, end);
  if (rows->size() > which.limit) {
    const auto over = static_cast<std::ptrdiff_t>(rows->size() - which.limit);
    if (newest)
      rows->erase(rows->begin(), rows->begin() + over);
    else
      rows->erase(rows->end() - over, rows->end());
  }
  return rows;
}

// ---- pages

namespace {

/// Whether there is a row, and the first or last of them.
template <class Row, class Joined>
protocol::expected<std::optional<Row>> one_row(const Joined& from, store::range which) {
  which.limit = 1;
  auto rows = from.read(which);
  if (!rows) return protocol::unexpected(std::move(rows.error()));
  if (rows->empty()) return std::optional<Row>{};
  return std::optional<Row>{std::move(rows->front())};
}

/// Takes the row beyond the limit off, with those of its microsecond; returns that microsecond. When nothing
/// would be left, the rows of that microsecond are the page.
template <class Row, class Joined>
protocol::expected<std::int64_t> cut(const Joined& from, const store::range& which, std::vector<Row>& rows) {
  const bool newest = which.which == store::keep::newest;
  const auto us = floor_us(newest ? rows.front().time_ns : rows.back().time_ns);
  const auto of_it = [us](const Row& row) { return floor_us(row.time_ns) == us; };
  if (std::all_of(rows.begin(), rows.end(), of_it)) {
    auto all = from.read({us * ns_a_us, (us + 1) * ns_a_us, most_at_once, which.which});
    if (!all) return protocol::unexpected(std::move(all.error()));
    rows = std::move(*all);
    return newest ? us : us + 1;
  }
  std::erase_if(rows, of_it);
  return newest ? us + 1 : us;
}

}  // namespace

template <class Row, class Joined>
protocol::expected<page<Row>> read_page(const Joined& from, const store::range& which) {
  auto wider = which;
  ++wider.limit;
  auto rows = from.read(wider);
  if (!rows) return protocol::unexpected(std::move(rows.error()));
  page<Row> result;
  std::optional<std::int64_t> cut_at;
  if (rows->size() > which.limit) {
    auto at = cut(from, which, *rows);
    if (!at) return protocol::unexpected(std::move(at.error()));
    cut_at = *at;
  }
  const bool newest = which.which == store::keep::newest;
  (newest ? result.previous_us : result.next_us) = cut_at;
  // What lies beyond the range itself, on the sides that the limit has not cut.
  constexpr auto ever = std::numeric_limits<std::int64_t>::max();
  if (!cut_at || newest) {
    if (which.to_ns != ever) {
      const auto row = one_row<Row>(from, {which.to_ns, ever, 1, store::keep::oldest});
      if (!row) return protocol::unexpected(row.error());
      if (*row) result.next_us = floor_us((*row)->time_ns);
    }
  }
  if ((!cut_at || !newest) && which.from_ns != std::numeric_limits<std::int64_t>::min()) {
    const auto row =
        one_row<Row>(from, {std::numeric_limits<std::int64_t>::min(), which.from_ns, 1, store::keep::newest});
    if (!row) return protocol::unexpected(row.error());
    if (*row) result.previous_us = floor_us((*row)->time_ns) + 1;
  }
  result.rows = std::move(*rows);
  return result;
}

template protocol::expected<page<bar>> read_page(const joined_bars&, const store::range&);
template protocol::expected<page<trade>> read_page(const joined_trades&, const store::range&);

}  // namespace tickcast::net::api
