#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "feeds/csv_reader.hpp"
#include "feeds/table_columns.hpp"
#include "protocol/error.hpp"
#include "protocol/market.hpp"

namespace tickcast::feeds {

/// One row of a recording. `symbol` lives as long as the recording and until its next row.
struct recorded_row {
  std::int64_t time_ns = 0;  ///< by the recording's time column; the value holds the same
  std::string_view symbol;
  std::variant<protocol::trade, protocol::quote> value;
};

struct recording_options {
  std::string symbol;       ///< for every row; empty: the column `symbol`, else from the file's name
  std::string time_column;  ///< empty: chosen, see recording
};

/// Trades or quotes from a CSV file with a header, plain or gzip. What it holds is told by its columns:
///
///   trades   price and one of qty size amount; if there: trade_id or id, aggressor or side (buy, sell)
///   quotes   bid and ask; if there: bid_qty or bid_size, ask_qty or ask_size; else the sizes are 0; an
///            empty cell is a side without orders
///
/// Any other column is left alone. The time column is as find_time_column() says: the venue's time before
/// the recorder's. Without a column `symbol` the file's name tells it, see symbol_from_path().
///
/// Rows come in the file's order, also where their times run back. A row that cannot be read is counted, told
/// of with its line, and the next one follows. Thread: one at a time.
class recording {
public:
  /// Opens the file, reads its header and first row. Throws feed_error when the file, its header or the
  /// options do not fit.
  recording(const std::string& path, const recording_options& options);
  recording(const recording&) = delete;  // its row points into it
  recording& operator=(const recording&) = delete;

  /// The row that is next, or nullptr at the end; the same until pop().
  recorded_row* peek() noexcept { return row_ ? &*row_ : nullptr; }
  void pop();

  const std::string& path() const noexcept { return reader_.path(); }
  std::string_view time_column() const noexcept { return time_.name; }
  std::uint64_t rows() const noexcept { return rows_; }        ///< read well, the one under peek() included
  std::uint64_t skipped() const noexcept { return skipped_; }  ///< rows that could not be read
  /// "line 17: price is not a number"; the first few rows that could not be read.
  const std::vector<std::string>& complaints() const noexcept { return complaints_; }

private:
  void read_header(const std::vector<std::string_view>& names, const recording_options& options);
  protocol::expected<recorded_row> parse(const std::vector<std::string_view>& cells);
  protocol::expected<std::string_view> symbol_of(const std::vector<std::string_view>& cells);
  void advance();
  void take(const std::vector<std::string_view>& cells);

  csv_reader reader_;
  row_kind kind_ = row_kind::trade;
  std::optional<table_columns> where_;
  std::size_t width_ = 0;  ///< cells a row has
  feeds::time_column time_;
  std::string symbol_;  ///< fixed by option or file name, else the last row's
  bool symbol_fixed_ = false;
  std::vector<std::string_view> cells_;
  std::optional<recorded_row> row_;
  std::uint64_t rows_ = 0;
  std::uint64_t skipped_ = 0;
  std::vector<std::string> complaints_;
};

/// The symbol that a file's name tells: its words, split at `_`, are venue, symbol and whatever
/// (`oanda_xauusd_20140508_ticks.csv.gz`: XAUUSD), or symbol and interval (`spx_1d.csv`: SPX); a name of one
/// word is the symbol. Upper-cased; empty when that is no valid symbol.
std::string symbol_from_path(std::string_view path);

}  // namespace tickcast::feeds
