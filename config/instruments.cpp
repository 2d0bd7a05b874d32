#include "config/instruments.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <set>
#include <utility>

#include "config/file_text.hpp"
#include "config/findings.hpp"
#include "config/keys.hpp"
#include "config/table_reader.hpp"
#include "config/value.hpp"
#include "protocol/topic.hpp"

namespace tickcast::config {
namespace {

constexpr std::int32_t not_told = -1;

/// One `[[instrument]]` as it is written.
struct instrument_row {
  std::string name;  ///< the symbol
  std::string description;
  std::string type;
  std::string exchange;
  std::string timezone = "UTC";
  std::string sessions = "24x7";
  std::vector<std::string> holidays;
  std::vector<std::string> corrections;
  std::string tick;
  std::int32_t price_scale = not_told;
  std::int32_t size_scale = not_told;
};

bool is_symbol_pattern(std::string_view text) {
  std::string plain(text);
  std::replace_if(
      plain.begin(), plain.end(), [](char c) { return c == '*' || c == '?'; }, 'x');
  return protocol::is_valid_symbol(plain);
}
const text_rule a_symbol_pattern{
    is_symbol_pattern, "letters, digits and ._-:@/+(), at most 100; * stands for any run of them, ? for one"};

void describe_instrument(instrument_row& row, key_visitor& v) {
  constexpr range places{0, protocol::decimal::max_scale};
  v.key({.name = "symbol", .text = "", .shape = &a_symbol_pattern}, &row.name);
  v.key({.name = "description", .text = ""}, &row.description);
  v.key({.name = "type", .text = ""}, &row.type);
  v.key({.name = "exchange", .text = ""}, &row.exchange);
  v.key({.name = "timezone", .text = ""}, &row.timezone);
  v.key({.name = "sessions", .text = ""}, &row.sessions);
  v.key({.name = "holidays", .text = ""}, &row.holidays);
  v.key({.name = "corrections", .text = ""}, &row.corrections);
  v.key({.name = "tick", .text = ""}, &row.tick);
  v.key({.name = "price_scale", .text = "", .within = places}, &row.price_scale);
  v.key({.name = "size_scale", .text = "", .within = places}, &row.size_scale);
}

/// Reads what the text of one key says; what is wrong with it is told at the key.
class row_checker {
public:
  row_checker(const instrument_row& row, const std::string& path, findings& found)
      : row_(row), path_(path), found_(found) {}

  protocol::instrument read(const zone_check& is_zone) {
    protocol::instrument result;
    result.symbol = row_.name;
    result.description = row_.description;
    result.type = row_.type;
    result.exchange = row_.exchange;
    result.zone = row_.timezone;
    result.sessions = row_.sessions;
    if (row_.name.empty() && !found_.is_faulty(path_ + ".symbol"))
      found_.blame_at(path_, {}, "needs the key symbol", std::string(a_symbol_pattern.allowed));
    if (!is_zone(row_.timezone))
      blame("timezone", row_.timezone, "is no time zone of this machine's database",
            "a name such as Asia/Shanghai, or UTC");
    read_hours(result.hours);
    if (!row_.tick.empty()) read_tick(result);
    if (row_.price_scale != not_told) result.price_scale = row_.price_scale;
    if (row_.size_scale != not_told) result.size_scale = row_.size_scale;
    return result;
  }

private:
  void blame(std::string_view key, std::string_view value, std::string message, std::string allowed = {}) {
    found_.blame_at(fmt::format("{}.{}", path_, key), quote(value), std::move(message), std::move(allowed));
  }

  void read_hours(protocol::trading_hours& to) {
    if (auto hours = protocol::parse_trading_hours(row_.sessions))
      to = std::move(*hours);
    else
      blame("sessions", row_.sessions, std::move(hours.error()));
    for (const auto& each : row_.holidays)
      if (auto added = protocol::add_holiday(to, each); !added)
        blame("holidays", each, std::move(added.error()));
    for (const auto& each : row_.corrections)
      if (auto added = protocol::add_correction(to, each); !added)
        blame("corrections", each, std::move(added.error()));
  }

  void read_tick(protocol::instrument& to) {
    const auto tick = protocol::decimal::parse(row_.tick);
    if (!tick || tick->is_negative() || tick->is_zero())
      return blame("tick", row_.tick, "is no step of a price", "a number above 0 as a string, e.g. \"0.01\"");
    to.tick = *tick;
    to.price_scale = tick->scale();
  }

  const instrument_row& row_;
  const std::string& path_;
  findings& found_;
};

}  // namespace

instruments_result read_instruments(std::string_view toml, std::string_view file, const zone_check& is_zone) {
  findings found(file);
  std::vector<instrument_row> rows;
  typed_rows list(rows, describe_instrument);
  try {
    const auto root = toml::parse(toml, file);
    table_reader reader(root, {}, found);
    reader.list({"instrument", ""}, list);
    reader.finish();
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    found.blame({at.line, at.column, {}}, {}, {}, fmt::format("not TOML: {}", error.description()));
  }
  std::vector<protocol::instrument> result;
  std::set<std::string_view> seen;
  const auto& paths = found.rows("instrument");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    result.push_back(row_checker(rows[i], paths[i], found).read(is_zone));
    if (!rows[i].name.empty() && !seen.insert(rows[i].name).second)
      found.blame_at(paths[i] + ".symbol", quote(rows[i].name), "stands in the file twice");
  }
  if (!found.clean()) return tl::unexpected(found.take_faults());
  return result;
}

instruments_result load_instruments(const std::string& path, const zone_check& is_zone) {
  const auto text = file_text(path);
  if (text) return read_instruments(*text, path, is_zone);
  findings found(path);
  found.blame({}, {}, {}, text.error());
  return tl::unexpected(found.take_faults());
}

}  // namespace tickcast::config
