#include "feeds/table_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "protocol/time_text.hpp"

namespace tickcast::feeds {
namespace {

using protocol::errc;

struct known_field {
  std::string_view name;
  std::array<std::string_view, 2> columns{};  // looked for before its name
};

constexpr std::array<known_field, field_count> known_fields{{
    {"time"},
    {"symbol"},
    {"interval"},
    {"price"},
    {"size", {"qty", "amount"}},
    {"side", {"aggressor"}},
    {"id", {"trade_id"}},
    {"id_text"},
    {"bid"},
    {"bid_size", {"bid_qty"}},
    {"ask"},
    {"ask_size", {"ask_qty"}},
    {"open"},
    {"high"},
    {"low"},
    {"close"},
    {"volume"},
    {"trades"},
    {"value"},
    {"rev"},
    {"bid_open"},
    {"bid_high"},
    {"bid_low"},
    {"bid_close"},
    {"ask_open"},
    {"ask_high"},
    {"ask_low"},
    {"ask_close"},
}};

constexpr std::array<std::string_view, 16> known_times{
    "trade_ms", "transact_ms", "event_ms", "recv_ns", "ts_utc_ns", "ts_utc_us", "ts_utc_ms", "unix_s",
    "time_ns",  "time_us",     "time_ms",  "time_s",  "time",      "timestamp", "datetime",  "date"};

protocol::unexpected<protocol::error> refuse(std::string why) {
  return protocol::unexpected(protocol::error{errc::bad_field, std::move(why)});
}

std::size_t position(const std::vector<std::string>& header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? table_columns::none : static_cast<std::size_t>(found - header.begin());
}

std::optional<field> field_called(std::string_view name) {
  for (std::size_t i = 0; i < field_count; ++i)
    if (known_fields[i].name == name) return static_cast<field>(i);
  return std::nullopt;
}

std::string_view cell(const std::vector<std::string_view>& row, std::size_t at) {
  return at < row.size() ? row[at] : std::string_view();
}

std::optional<time_unit> unit_of(const std::string& column, std::string_view first) {
  if (const auto unit = time_unit_of_column(column)) return unit;
  if (column == "date") return time_unit::iso;
  const bool has_marks = first.find_first_of("-:", 1) != std::string_view::npos;
  return has_marks && protocol::parse_iso_time(first) ? std::optional(time_unit::iso) : std::nullopt;
}

}  // namespace

std::string_view to_string(field which) noexcept {
  return known_fields[static_cast<std::size_t>(which)].name;
}

protocol::expected<std::vector<column_choice>> parse_column_choices(std::string_view text) {
  std::vector<column_choice> choices;
  for (std::size_t from = 0; from <= text.size();) {
    const auto comma = std::min(text.find(',', from), text.size());
    auto part = text.substr(from, comma - from);
    from = comma + 1;
    column_choice choice;
    if (const auto colon = part.rfind(':'); colon != std::string_view::npos) {
      choice.unit = time_unit_called(part.substr(colon + 1));
      if (!choice.unit)
        return refuse(fmt::format("'{}' is no unit of time; choose s, ms, us, ns, iso or date",
                                  part.substr(colon + 1)));
      part = part.substr(0, colon);
    }
    const auto equals = std::min(part.find('='), part.size());
    const auto what = field_called(part.substr(0, equals));
    if (!what) {
      std::vector<std::string_view> names;
      for (const auto& each : known_fields) names.push_back(each.name);
      return refuse(
          fmt::format("'{}' is no field; choose of {}", part.substr(0, equals), fmt::join(names, " ")));
    }
    choice.what = *what;
    choice.column = equals < part.size() ? part.substr(equals + 1) : part;
    if (choice.column.empty()) return refuse(fmt::format("`{}=` names no column", to_string(*what)));
    if (choice.unit && *what != field::time)
      return refuse(fmt::format("only the time has a unit, not {}", to_string(*what)));
    choices.push_back(std::move(choice));
  }
  return choices;
}

protocol::expected<table_columns> table_columns::find(const std::vector<std::string>& header,
                                                      const std::vector<column_choice>& chosen) {
  table_columns columns;
  for (std::size_t i = 0; i < field_count; ++i) {
    if (static_cast<field>(i) == field::time) continue;
    const auto& known = known_fields[i];
    for (const auto name : known.columns)
      if (columns.at_[i] == none && !name.empty()) columns.at_[i] = position(header, name);
    if (columns.at_[i] == none) columns.at_[i] = position(header, known.name);
  }
  for (const auto& each : chosen) {
    const auto at = position(header, each.column);
    if (at == none)
      return refuse(fmt::format("there is no column `{}` for {}", each.column, to_string(each.what)));
    if (each.what != field::time) columns.set(each.what, at);
  }
  return columns;
}

bool table_columns::holds(row_kind kind) const noexcept {
  const auto all = [this](std::initializer_list<field> needed) {
    return std::all_of(needed.begin(), needed.end(), [this](field each) { return has(each); });
  };
  switch (kind) {
    case row_kind::trade:
      return all({field::price, field::size});
    case row_kind::quote:
      return all({field::bid, field::ask});
    case row_kind::bar:
      return all({field::open, field::high, field::low, field::close});
    case row_kind::quote_bar:
      return all({field::bid_open, field::bid_high, field::bid_low, field::bid_close, field::ask_open,
                  field::ask_high, field::ask_low, field::ask_close});
  }
  return false;
}

protocol::expected<time_column> find_time_column(const std::vector<std::string>& header,
                                                 const std::vector<std::string_view>& first_row,
                                                 const std::optional<column_choice>& wanted) {
  time_column found;
  if (wanted) {
    found.at = position(header, wanted->column);
    if (found.at == table_columns::none) return refuse(fmt::format("no time column `{}`", wanted->column));
  } else {
    for (const auto name : known_times) {
      const auto at = position(header, name);
      if (at == table_columns::none) continue;
      if (found.at == table_columns::none) found.at = at;
      if (cell(first_row, at).empty()) continue;
      found.at = at;
      break;
    }
    if (found.at == table_columns::none)
      return refuse(fmt::format("no time column known by its name ({})", fmt::join(known_times, " ")));
  }
  found.name = header[found.at];
  const auto unit = wanted && wanted->unit ? wanted->unit : unit_of(found.name, cell(first_row, found.at));
  if (!unit)
    return refuse(
        fmt::format("the time column `{}` does not tell its unit by ending in _ns, _us, _ms or _s, "
                    "and its first time is no date",
                    found.name));
  found.unit = *unit;
  return found;
}

}  // namespace tickcast::feeds
