#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/feed_message.hpp"
#include "store/store.hpp"

namespace tickcast::store {

/// What an import has come to.
struct import_count {
  std::uint64_t rows = 0;     ///< brought
  std::uint64_t fresh = 0;    ///< of them those that were not there
  std::uint64_t refused = 0;  ///< messages that are no rows

  import_count& operator+=(const import_count& more) noexcept {
    rows += more.rows;
    fresh += more.fresh;
    refused += more.refused;
    return *this;
  }
};

/// Rows of an import, gathered until there are enough of them to be merged at once.
///
/// What repeats in the store is told by how often a row is there, so equal rows should come in one batch:
/// it says that it is full only before a row that is later than all it holds, or at twice its size.
///
/// Thread: one at a time.
class row_batch final : public protocol::feed_sink {
public:
  /// Sentences kept of what was refused.
  static constexpr std::size_t most_complaints = 10;

  /// `when_full`: called before a row is taken that would be one too many; has to clear(). Without it there
  /// is no bound.
  explicit row_batch(std::size_t rows = 0, std::function<void()> when_full = {})
      : enough_(rows), when_full_(std::move(when_full)) {}

  void on_trade(std::string_view symbol, protocol::trade&& value, std::optional<std::uint64_t>) override;
  void on_quote(std::string_view symbol, protocol::quote&& value, std::optional<std::uint64_t>) override;
  void on_bar(std::string_view symbol, std::string_view interval, protocol::bar&& value,
              std::optional<std::uint64_t>) override;
  void on_refused(protocol::error&& why, std::optional<std::uint64_t>) override;
  /// Refused: they are no rows of history.
  void on_amendment(std::string_view, protocol::trade_amendment&&, std::optional<std::uint64_t>) override;
  void on_event(std::string_view, std::string&&, std::optional<std::uint64_t>) override;

  std::size_t rows() const noexcept { return rows_; }
  /// Since the batch was made, clear() or not.
  std::uint64_t refused() const noexcept { return refused_; }
  const std::vector<std::string>& complaints() const noexcept { return complaints_; }
  /// Drops the rows; what was refused stays counted.
  void clear();

  /// Brings all rows in; they stay. Error: storage, and what came before it is in.
  protocol::expected<import_count> merge_into(tick_store& into) const;
  /// "trade.X", "bar.1m.X", …: of which topics there are rows.
  std::vector<std::string> topics() const;

  /// Calls back with each row: (symbol, trade), (symbol, quote), (symbol, interval, bar).
  template <class OnTrade, class OnQuote, class OnBar>
  void each(OnTrade&& on_trade, OnQuote&& on_quote, OnBar&& on_bar) const {
    for (const auto& [symbol, rows] : trades_)
      for (const auto& row : rows) on_trade(symbol, row);
    for (const auto& [symbol, rows] : quotes_)
      for (const auto& row : rows) on_quote(symbol, row);
    for (const auto& [of, rows] : bars_)
      for (const auto& row : rows) on_bar(of.first, of.second, row);
  }

private:
  template <class Row>
  using by_symbol = std::map<std::string, std::vector<Row>, std::less<>>;

  void make_room(std::int64_t time_ns);

  std::size_t enough_;
  std::function<void()> when_full_;
  by_symbol<protocol::trade> trades_;
  by_symbol<protocol::quote> quotes_;
  std::map<std::pair<std::string, std::string>, std::vector<protocol::bar>> bars_;  // by symbol and interval
  std::size_t rows_ = 0;
  std::int64_t newest_ns_ = 0;
  std::uint64_t refused_ = 0;
  std::vector<std::string> complaints_;
};

}  // namespace tickcast::store
