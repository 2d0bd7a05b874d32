#include "feeds/import_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "feeds/recording.hpp"
#include "feeds/source.hpp"
#include "feeds/table_rows.hpp"
#include "protocol/topic.hpp"

namespace tickcast::feeds {
namespace {

using protocol::errc;

protocol::unexpected<protocol::error> refuse(errc code, std::string why) {
  return protocol::unexpected(protocol::error{code, std::move(why)});
}

}  // namespace

std::string interval_from_path(std::string_view path) {
  auto name = path.substr(path.rfind('/') + 1);
  name = name.substr(0, name.find('.'));
  while (!name.empty()) {
    const auto word = name.substr(0, name.find('_'));
    if (protocol::parse_interval(word)) return std::string(word);
    name.remove_prefix(std::min(word.size() + 1, name.size()));
  }
  return {};
}

import_table::import_table(const std::string& path, table_options options) : reader_(path) {
  if (!reader_.next(cells_)) refuse_file("it is empty");
  header_.assign(cells_.begin(), cells_.end());
  auto found = table_columns::find(header_, options.columns);
  if (!found) refuse_file(found.error().message);
  where_ = *found;
  choose_kind(options.kind);
  choose_symbol(options.symbol);
  has_row_ = reader_.next(cells_);
  if (!has_row_) cells_.clear();
  choose_time(options.columns);
  choose_interval(options.interval);
}

void import_table::refuse_file(std::string_view why) const {
  throw feed_error(header_.empty() ? fmt::format("{}: {}", reader_.path(), why)
                                   : fmt::format("{}: {}; its header says: {}", reader_.path(), why,
                                                 fmt::join(header_, ",")));
}

void import_table::choose_kind(const std::optional<row_kind>& wanted) {
  std::vector<row_kind> possible;
  for (const auto kind : {row_kind::trade, row_kind::quote, row_kind::bar, row_kind::quote_bar}) {
    const bool asked =
        !wanted || *wanted == kind || (*wanted == row_kind::bar && kind == row_kind::quote_bar);
    if (asked && where_->holds(kind)) possible.push_back(kind);
  }
  if (possible.empty())
    refuse_file(
        "it lacks the columns of trades (price; qty, size or amount), quotes (bid, ask) and bars (open, "
        "high, "
        "low, close), or of the kind asked for; name them with --columns");
  if (possible.size() > 1) refuse_file("it has columns of several kinds; choose one with --kind");
  kind_ = possible.front();
}

void import_table::choose_symbol(const std::string& wanted) {
  symbol_ = wanted;
  if (symbol_.empty() && !where_->has(field::symbol)) symbol_ = symbol_from_path(reader_.path());
  const bool from_column = symbol_.empty() && where_->has(field::symbol);
  if (!from_column && !protocol::is_valid_symbol(symbol_))
    refuse_file("neither a column nor the file's name tells a valid symbol; name it with --symbol");
}

void import_table::choose_time(const std::vector<column_choice>& chosen) {
  const auto wanted =
      std::find_if(chosen.rbegin(), chosen.rend(), [](const auto& each) { return each.what == field::time; });
  auto found =
      find_time_column(header_, cells_, wanted == chosen.rend() ? std::nullopt : std::optional(*wanted));
  if (!found) refuse_file(found.error().message + "; name it with --columns time=COLUMN:UNIT");
  time_ = std::move(*found);
}

void import_table::choose_interval(const std::string& wanted) {
  if (kind_ != row_kind::bar && kind_ != row_kind::quote_bar) return;
  interval_ = wanted;
  if (interval_.empty() && where_->has(field::interval)) return;
  if (interval_.empty()) interval_ = interval_from_path(reader_.path());
  if (interval_.empty() && time_.name == "date") interval_ = "1d";
  const auto parsed = protocol::parse_interval(interval_);
  if (!parsed)
    refuse_file("neither a column nor the file's name tells the bars' interval; name it with --interval");
  if (kind_ == row_kind::quote_bar && parsed->of != protocol::interval::source::trades)
    refuse_file("its rows are of bid and ask: give --interval without an @");
}

bool import_table::next(protocol::feed_sink& to) {
  if (!std::exchange(has_row_, false) && !reader_.next(cells_)) return false;
  ++lines_;
  if (auto done = hand_on(to); !done)
    to.on_refused({done.error().code, fmt::format("line {}: {}", reader_.line(), done.error().message)}, {});
  return true;
}

protocol::expected<void> import_table::hand_on(protocol::feed_sink& to) {
  if (cells_.size() != header_.size())
    return refuse(errc::malformed,
                  fmt::format("{} cells where the header has {}", cells_.size(), header_.size()));
  const auto time_ns = read_time(cells_[time_.at], time_.unit);
  if (!time_ns) return protocol::unexpected(time_ns.error());
  const auto symbol = symbol_of_row();
  if (!symbol) return protocol::unexpected(symbol.error());
  if (kind_ == row_kind::trade) {
    auto trade = read_trade(cells_, *where_, *time_ns);
    if (!trade) return protocol::unexpected(trade.error());
    to.on_trade(*symbol, std::move(*trade), {});
  } else if (kind_ == row_kind::quote) {
    auto quote = read_quote(cells_, *where_, *time_ns);
    if (!quote) return protocol::unexpected(quote.error());
    to.on_quote(*symbol, std::move(*quote), {});
  } else {
    return hand_on_bars(to, *symbol, *time_ns);
  }
  return {};
}

protocol::expected<void> import_table::hand_on_bars(protocol::feed_sink& to, std::string_view symbol,
                                                    std::int64_t time_ns) {
  const auto interval = interval_of_row();
  if (!interval) return protocol::unexpected(interval.error());
  if (kind_ == row_kind::bar) {
    auto bar = read_bar(cells_, *where_, trade_prices, time_ns);
    if (!bar) return protocol::unexpected(bar.error());
    to.on_bar(symbol, *interval, std::move(*bar), {});
    return {};
  }
  auto bid = read_bar(cells_, *where_, bid_prices, time_ns);
  if (!bid) return protocol::unexpected(bid.error());
  auto ask = read_bar(cells_, *where_, ask_prices, time_ns);
  if (!ask) return protocol::unexpected(ask.error());
  to.on_bar(symbol, fmt::format("{}@bid", *interval), std::move(*bid), {});
  to.on_bar(symbol, fmt::format("{}@ask", *interval), std::move(*ask), {});
  return {};
}

protocol::expected<std::string_view> import_table::symbol_of_row() const {
  if (!symbol_.empty()) return std::string_view(symbol_);
  const auto symbol = cells_[(*where_)[field::symbol]];
  if (protocol::is_valid_symbol(symbol)) return symbol;
  return refuse(errc::bad_field, fmt::format("'{}' is not a symbol", symbol));
}

protocol::expected<std::string_view> import_table::interval_of_row() const {
  if (!interval_.empty()) return std::string_view(interval_);
  const auto interval = cells_[(*where_)[field::interval]];
  if (protocol::parse_interval(interval)) return interval;
  return refuse(errc::bad_field, fmt::format("'{}' is not an interval", interval));
}

}  // namespace tickcast::feeds
