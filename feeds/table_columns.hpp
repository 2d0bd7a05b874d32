#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/cells.hpp"

namespace tickcast::feeds {

/// What a table's rows are. Of `quote_bar` each is two bars, one of the bid and one of the ask.
enum class row_kind : std::uint8_t { trade, quote, bar, quote_bar };

/// What a column may hold.
enum class field : std::uint8_t {
  time,
  symbol,
  interval,
  price,
  size,
  side,
  id,
  id_text,
  bid,
  bid_size,
  ask,
  ask_size,
  open,
  high,
  low,
  close,
  volume,
  trades,
  value,
  rev,
  bid_open,
  bid_high,
  bid_low,
  bid_close,
  ask_open,
  ask_high,
  ask_low,
  ask_close,
};
inline constexpr std::size_t field_count = static_cast<std::size_t>(field::ask_close) + 1;
std::string_view to_string(field which) noexcept;

/// That a field stands in a column, and for the time in which unit.
struct column_choice {
  field what = field::time;
  std::string column;
  std::optional<time_unit> unit{};
};

/// Reads `FIELD[=COLUMN][:UNIT]`, several between commas: `time=ts_utc_ms:ms,open,high`. Without a COLUMN it
/// is called as the field. Error: bad_field with a sentence.
protocol::expected<std::vector<column_choice>> parse_column_choices(std::string_view text);

/// Which column of a table holds what.
class table_columns {
public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// Every field but the time by its known names, unless it was chosen. Error: a chosen column is not there.
  static protocol::expected<table_columns> find(const std::vector<std::string>& header,
                                                const std::vector<column_choice>& chosen);

  std::size_t operator[](field what) const noexcept { return at_[static_cast<std::size_t>(what)]; }
  bool has(field what) const noexcept { return (*this)[what] != none; }
  void set(field what, std::size_t column) noexcept { at_[static_cast<std::size_t>(what)] = column; }

  /// Whether it has what rows of the kind need, the time left aside.
  bool holds(row_kind kind) const noexcept;

private:
  table_columns() { at_.fill(none); }

  std::array<std::size_t, field_count> at_;
};

/// The column that rows are timed by.
struct time_column {
  std::size_t at = table_columns::none;
  std::string name;
  time_unit unit = time_unit::ns;
};

/// `wanted`'s column and unit. Without a column it is the first of trade_ms, transact_ms, event_ms, recv_ns,
/// ts_utc_ns, ts_utc_us, ts_utc_ms, unix_s, time_ns, time_us, time_ms, time_s, time, timestamp, datetime and
/// date that the header has and the first row fills. Without a unit the name's ending tells it, else the
/// first row: a date, which `20240808` alone is in a column `date` only.
/// Error: bad_field with a sentence, to go on with the header's names.
protocol::expected<time_column> find_time_column(const std::vector<std::string>& header,
                                                 const std::vector<std::string_view>& first_row,
                                                 const std::optional<column_choice>& wanted);

}  // namespace tickcast::feeds
