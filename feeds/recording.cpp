#include "feeds/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "feeds/source.hpp"
#include "feeds/table_rows.hpp"
#include "protocol/topic.hpp"

namespace tickcast::feeds {
namespace {

using cells = std::vector<std::string_view>;
using protocol::errc;

constexpr std::size_t most_complaints = 10;

protocol::unexpected<protocol::error> refuse(errc code, std::string why) {
  return protocol::unexpected(protocol::error{code, std::move(why)});
}

}  // namespace

std::string symbol_from_path(std::string_view path) {
  auto name = path.substr(path.rfind('/') + 1);
  for (const std::string_view ending : {".gz", ".csv"}) {
    if (name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending) {
      name.remove_suffix(ending.size());
    }
  }
  if (const auto first = name.find('_'); first != std::string_view::npos) {
    const auto rest = name.substr(first + 1);
    const auto second = rest.substr(0, rest.find('_'));
    name = protocol::parse_interval(second) ? name.substr(0, first) : second;
  }
  std::string symbol(name);
  std::transform(symbol.begin(), symbol.end(), symbol.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return protocol::is_valid_symbol(symbol) ? symbol : std::string();
}

recording::recording(const std::string& path, const recording_options& options) : reader_(path) {
  if (!reader_.next(cells_)) throw feed_error(fmt::format("the recording {} is empty", path));
  read_header(cells_, options);
}

void recording::read_header(const cells& header, const recording_options& options) {
  const std::vector<std::string> names(header.begin(), header.end());
  width_ = names.size();
  where_ = table_columns::find(names, {}).value();
  const bool trades = where_->holds(row_kind::trade);
  if (trades == where_->holds(row_kind::quote)) {
    throw feed_error(
        fmt::format("the recording {} is neither trades (columns price and qty, size or amount) nor quotes "
                    "(columns bid and ask); its header says: {}",
                    path(), fmt::join(names, ",")));
  }
  kind_ = trades ? row_kind::trade : row_kind::quote;

  symbol_ = options.symbol;
  const bool has_symbols = where_->has(field::symbol);
  if (symbol_.empty() && !has_symbols) symbol_ = symbol_from_path(path());
  symbol_fixed_ = !symbol_.empty();
  if (symbol_fixed_ ? !protocol::is_valid_symbol(symbol_) : !has_symbols) {
    throw feed_error(fmt::format(
        "the recording {} has no column `symbol`, and neither its name nor an option tells a valid "
        "symbol; name one",
        path()));
  }
  const bool has_rows = reader_.next(cells_);
  if (!has_rows) cells_.clear();
  std::optional<column_choice> wanted;
  if (!options.time_column.empty()) wanted = {field::time, options.time_column};
  const auto time = find_time_column(names, cells_, wanted);
  if (!time) {
    throw feed_error(
        fmt::format("{}: {} has the columns {}", time.error().message, path(), fmt::join(names, ",")));
  }
  time_ = *time;
  if (has_rows) take(cells_);
  if (has_rows && !row_) advance();
}

void recording::pop() {
  row_.reset();
  advance();
}

void recording::advance() {
  while (!row_ && reader_.next(cells_)) take(cells_);
}

void recording::take(const cells& row) {
  auto parsed = parse(row);
  if (parsed) {
    row_ = std::move(*parsed);
    ++rows_;
    return;
  }
  ++skipped_;
  if (complaints_.size() < most_complaints) {
    complaints_.push_back(fmt::format("line {}: {}", reader_.line(), parsed.error().message));
  }
}

protocol::expected<std::string_view> recording::symbol_of(const cells& row) {
  if (symbol_fixed_) return std::string_view(symbol_);
  const auto symbol = row[(*where_)[field::symbol]];
  if (symbol == symbol_) return std::string_view(symbol_);
  if (!protocol::is_valid_symbol(symbol)) {
    return refuse(errc::bad_field, fmt::format("'{}' is not a symbol", symbol));
  }
  symbol_ = symbol;
  return std::string_view(symbol_);
}

protocol::expected<recorded_row> recording::parse(const cells& row) {
  if (row.size() != width_) {
    return refuse(errc::malformed, fmt::format("{} cells where the header has {}", row.size(), width_));
  }
  const auto time_ns = read_time(row[time_.at], time_.unit);
  if (!time_ns) return protocol::unexpected(time_ns.error());
  const auto symbol = symbol_of(row);
  if (!symbol) return protocol::unexpected(symbol.error());
  recorded_row result{*time_ns, *symbol, {}};
  if (kind_ == row_kind::trade) {
    auto trade = read_trade(row, *where_, *time_ns);
    if (!trade) return protocol::unexpected(trade.error());
    result.value = std::move(*trade);
  } else {
    auto quote = read_quote(row, *where_, *time_ns);
    if (!quote) return protocol::unexpected(quote.error());
    result.value = *quote;
  }
  return result;
}

}  // namespace tickcast::feeds
