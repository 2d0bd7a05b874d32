#include "store/row_batch.hpp"

#include <algorithm>

namespace tickcast::store {
namespace {

template <class Row>
std::vector<Row>& rows_of(std::map<std::string, std::vector<Row>, std::less<>>& by_symbol,
                          std::string_view symbol) {
  const auto found = by_symbol.find(symbol);
  return found != by_symbol.end() ? found->second : by_symbol[std::string(symbol)];
}

}  // namespace

void row_batch::make_room(std::int64_t time_ns) {
  const bool later = rows_ == 0 || time_ns > newest_ns_;
  if (when_full_ && enough_ > 0 && ((rows_ >= enough_ && later) || rows_ >= 2 * enough_)) when_full_();
  newest_ns_ = rows_ == 0 ? time_ns : std::max(newest_ns_, time_ns);
  ++rows_;
}

void row_batch::on_trade(std::string_view symbol, protocol::trade&& value, std::optional<std::uint64_t>) {
  make_room(value.time_ns);
  rows_of(trades_, symbol).push_back(std::move(value));
}

void row_batch::on_quote(std::string_view symbol, protocol::quote&& value, std::optional<std::uint64_t>) {
  make_room(value.time_ns);
  rows_of(quotes_, symbol).push_back(value);
}

void row_batch::on_bar(std::string_view symbol, std::string_view interval, protocol::bar&& value,
                       std::optional<std::uint64_t>) {
  make_room(value.time_ns);
  bars_[{std::string(symbol), std::string(interval)}].push_back(value);
}

void row_batch::on_refused(protocol::error&& why, std::optional<std::uint64_t>) {
  ++refused_;
  if (complaints_.size() < most_complaints) complaints_.push_back(std::move(why.message));
}

void row_batch::on_amendment(std::string_view, protocol::trade_amendment&&, std::optional<std::uint64_t>) {
  on_refused({protocol::errc::unsupported,
              "cancels and corrections are not imported; send the trades as they stand"},
             {});
}

void row_batch::on_event(std::string_view, std::string&&, std::optional<std::uint64_t>) {
  on_refused({protocol::errc::unsupported, "events are not imported; send trades, quotes and bars"}, {});
}

void row_batch::clear() {
  trades_.clear();
  quotes_.clear();
  bars_.clear();
  rows_ = 0;
}

protocol::expected<import_count> row_batch::merge_into(tick_store& into) const {
  import_count count;
  const auto add = [&count](std::size_t rows, const protocol::expected<std::size_t>& fresh) {
    if (!fresh) return false;
    count += {rows, *fresh, 0};
    return true;
  };
  for (const auto& [symbol, rows] : trades_)
    if (const auto fresh = into.merge_trades(symbol, rows); !add(rows.size(), fresh))
      return protocol::unexpected(fresh.error());
  for (const auto& [symbol, rows] : quotes_)
    if (const auto fresh = into.merge_quotes(symbol, rows); !add(rows.size(), fresh))
      return protocol::unexpected(fresh.error());
  for (const auto& [of, rows] : bars_)
    if (const auto fresh = into.merge_bars(of.second, of.first, rows); !add(rows.size(), fresh))
      return protocol::unexpected(fresh.error());
  return count;
}

std::vector<std::string> row_batch::topics() const {
  std::vector<std::string> names;
  for (const auto& [symbol, rows] : trades_) names.push_back("trade." + symbol);
  for (const auto& [symbol, rows] : quotes_) names.push_back("quote." + symbol);
  for (const auto& [of, rows] : bars_) names.push_back("bar." + of.second + "." + of.first);
  return names;
}

}  // namespace tickcast::store
