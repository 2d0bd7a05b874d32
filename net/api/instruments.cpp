#include "net/api/instruments.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tickcast::net::api {
namespace {

bool is_pattern(std::string_view symbol) {
  return symbol.find_first_of("*?") != std::string_view::npos;
}

std::string day_text(protocol::day_number day) {
  const date::year_month_day parts{date::sys_days{date::days{day}}};
  return fmt::format("{:04}{:02}{:02}", static_cast<int>(parts.year()), static_cast<unsigned>(parts.month()),
                     static_cast<unsigned>(parts.day()));
}

/// HHMM of a minute of the trading day; of a day before with how many behind an F.
std::string minute_text(int minute) {
  constexpr int day = 24 * 60;
  const int days_before = minute < 0 ? (-minute + day - 1) / day : 0;
  const int within = minute + days_before * day;
  return fmt::format("{:02}{:02}{}", within / 60, within % 60,
                     days_before > 0 ? fmt::format("F{}", days_before) : std::string{});
}

void tell_days(const protocol::trading_hours& hours, instrument_entry& to) {
  for (const auto& [day, sessions] : hours.days_that_differ) {
    if (sessions.empty()) {
      if (!to.holidays.empty()) to.holidays += ',';
      to.holidays += day_text(day);
      continue;
    }
    std::string ranges;
    for (const auto& each : sessions)
      ranges +=
          fmt::format("{}{}-{}", ranges.empty() ? "" : ",", minute_text(each.begin), minute_text(each.end));
    if (!to.corrections.empty()) to.corrections += ';';
    to.corrections += ranges + ':' + day_text(day);
  }
}

}  // namespace

std::vector<instrument_entry> known_symbols::all() const {
  std::set<std::string> names;
  for (const auto* each : engine_.symbols.all()) names.insert(each->name);
  for (auto& each : past_.symbols()) names.insert(std::move(each));
  for (const auto& each : engine_.instruments.all())
    if (!is_pattern(each.what.symbol)) names.insert(each.what.symbol);
  std::vector<instrument_entry> result;
  result.reserve(names.size());
  for (const auto& each : names) result.push_back(entry_of(each));
  return result;
}

std::optional<instrument_entry> known_symbols::find(std::string_view symbol) const {
  if (engine_.symbols.find(symbol) || is_listed(symbol)) return entry_of(symbol);
  const auto stored = past_.symbols();
  if (!std::binary_search(stored.begin(), stored.end(), symbol)) return std::nullopt;
  return entry_of(symbol);
}

bool known_symbols::is_listed(std::string_view symbol) const {
  const auto& listed = engine_.instruments.all();
  return !is_pattern(symbol) && std::any_of(listed.begin(), listed.end(),
                                            [&](const auto& each) { return each.what.symbol == symbol; });
}

instrument_entry known_symbols::entry_of(std::string_view symbol) const {
  const auto listed = engine_.instruments.find(symbol);
  const auto& what = listed.what;
  instrument_entry made;
  made.symbol = symbol;
  made.description = what.description;
  if (!what.type.empty()) made.type = what.type;
  made.exchange = what.exchange;
  if (what.zone != "UTC") made.time_zone = what.zone;
  made.session = what.sessions;
  tell_days(what.hours, made);
  if (what.price_scale) made.price_digits = *what.price_scale;
  if (what.size_scale) made.size_digits = *what.size_scale;
  made.tick = what.tick;
  made.calendar = listed.hours;
  return made;
}

}  // namespace tickcast::net::api
