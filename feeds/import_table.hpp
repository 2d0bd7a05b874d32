#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/csv_reader.hpp"
#include "feeds/table_columns.hpp"
#include "protocol/feed_message.hpp"

namespace tickcast::feeds {

/// What is said of a table; what is empty is found by its columns and its name.
struct table_options {
  std::optional<row_kind> kind;  ///< bar: also quote_bar
  std::string symbol;            ///< for every row; else the column `symbol`, else the file's name
  std::string interval;          ///< of bars; else the column `interval`, else the file's name
  std::vector<column_choice> columns;
};

/// A CSV file of trades, quotes or bars to be imported: columns in any order, found by their names or as
/// chosen, anything else left alone. A row of bid and ask bars makes two bars, of `1m@bid` and `1m@ask`,
/// without volume. Bars timed by a column `date` are of `1d` where nothing else tells their interval.
///
/// Thread: one at a time.
class import_table {
public:
  /// Opens the file and reads its header and first row. Throws feed_error with a sentence when the file, its
  /// header or the options do not fit.
  import_table(const std::string& path, table_options options);

  /// Hands the next line on: as values, or as on_refused with "line 17: …". False at the end. Throws
  /// feed_error when the file cannot be read on.
  bool next(protocol::feed_sink& to);

  row_kind kind() const noexcept { return kind_; }
  std::string_view time_column() const noexcept { return time_.name; }
  /// Lines handed on, bad ones too.
  std::uint64_t lines() const noexcept { return lines_; }
  /// How far the file has been read, in its own bytes.
  std::uint64_t bytes_read() const noexcept { return reader_.bytes_read(); }

private:
  void choose_kind(const std::optional<row_kind>& wanted);
  void choose_symbol(const std::string& wanted);
  void choose_time(const std::vector<column_choice>& chosen);
  void choose_interval(const std::string& wanted);
  [[noreturn]] void refuse_file(std::string_view why) const;

  protocol::expected<void> hand_on(protocol::feed_sink& to);
  protocol::expected<void> hand_on_bars(protocol::feed_sink& to, std::string_view symbol,
                                        std::int64_t time_ns);
  protocol::expected<std::string_view> symbol_of_row() const;
  protocol::expected<std::string_view> interval_of_row() const;

  csv_reader reader_;
  std::vector<std::string> header_;
  std::vector<std::string_view> cells_;
  bool has_row_ = false;  ///< cells_ holds one that was not handed on
  row_kind kind_ = row_kind::trade;
  std::optional<table_columns> where_;
  feeds::time_column time_;
  std::string symbol_;    ///< of every row; empty: the column tells
  std::string interval_;  ///< likewise
  std::uint64_t lines_ = 0;
};

/// The interval that a file's name tells: the first of its words, split at `_`, that is one of time (`1m`,
/// `1d`) or a count (`100t`); empty when none is.
std::string interval_from_path(std::string_view path);

}  // namespace tickcast::feeds
