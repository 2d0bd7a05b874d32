#include "tools/top_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tools/table.hpp"
#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

using nlohmann::json;

constexpr const char* keys = "b busy  m mailbox  a age  n name  q quit  ↑↓ PgUp PgDn";
constexpr std::size_t attention_on_screen = 5;

std::string percent(const json& value) {
  return value.is_number() ? fmt::format("{:.1f}%", value.get<double>()) : as_text(value);
}

std::string shard_text(const json& shard) {
  auto text = fmt::format("{} {} {} clients", as_text(member(shard, "name")), as_share(member(shard, "load")),
                          as_count(member(shard, "connections")));
  if (const auto& stuck = member(shard, "stuck_ms"); stuck.is_number() && stuck > 1000)
    text += ", STUCK for " + as_duration(stuck);
  return text;
}

std::string shard_line(const json& shards) {
  std::string text;
  for (const auto& each : shards) text += (text.empty() ? "" : "   ") + shard_text(each);
  return text;
}

std::vector<std::string> actor_lines(const json& actors) {
  table printed({{"ID", true},
                 {"KIND"},
                 {"PATH"},
                 {"STATE"},
                 {"BUSY", true},
                 {"MAILBOX", true},
                 {"OLDEST", true},
                 {"IN/S", true},
                 {"P50", true},
                 {"P99", true},
                 {"RESTARTS", true}});
  for (const auto& row : member(actors, "rows"))
    printed.add({as_text(member(row, "id")), as_text(member(row, "kind")), as_text(member(row, "path")),
                 as_text(member(row, "state")), as_share(member(row, "busy")),
                 as_count(member(row, "mailbox")), as_duration(member(row, "oldest_ms")),
                 as_rate(member(row, "received_per_s")), as_micros(member(row, "p50_us")),
                 as_micros(member(row, "p99_us")), as_count(member(row, "restarts"))});
  std::istringstream text(printed.print());
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

}  // namespace

const char* top_view::sort() const noexcept {
  switch (by) {
    case order::busy:
      return "-busy";
    case order::mailbox:
      return "-mailbox";
    case order::age:
      return "-oldest_ms";
    case order::name:
      break;
  }
  return "path";
}

std::vector<std::string> top_overview(const json& overview, std::size_t most_attention) {
  const auto& rates = member(overview, "rates");
  const auto& totals = member(overview, "totals");
  const auto& latency = member(overview, "latency");
  std::vector<std::string> lines;
  lines.push_back(fmt::format("tickcast {}  {}  up {}  pid {}   CPU {}  memory {}",
                              as_text(member(overview, "version")), as_text(member(overview, "state")),
                              as_duration(member(overview, "uptime_ms")), as_text(member(overview, "pid")),
                              percent(member(overview, "cpu_percent")),
                              as_bytes(member(member(overview, "memory"), "rss_bytes"))));
  lines.push_back(fmt::format("ticks {}/s  events {}/s  frames {}/s  sent {}/s  commands {}/s",
                              as_rate(member(rates, "ticks_per_s")), as_rate(member(rates, "events_per_s")),
                              as_rate(member(rates, "frames_per_s")), as_bytes(member(rates, "bytes_per_s")),
                              as_rate(member(rates, "commands_per_s"))));
  lines.push_back(
      fmt::format("publish to write p50 {}  p99 {}   connections {}  actors {}  restarts {}  refused {}",
                  as_micros(member(latency, "p50_us")), as_micros(member(latency, "p99_us")),
                  as_count(member(totals, "connections")), as_count(member(totals, "actors")),
                  as_count(member(totals, "restarts")), as_count(member(totals, "refused"))));
  lines.push_back(shard_line(member(overview, "shards")));
  const auto& attention = member(overview, "attention");
  for (std::size_t i = 0; i < std::min(attention.size(), most_attention); ++i)
    lines.push_back(fmt::format("{:<7}  {}", as_text(member(attention[i], "severity")),
                                as_text(member(attention[i], "what"))));
  if (attention.size() > most_attention)
    lines.push_back(fmt::format("         and {} more", attention.size() - most_attention));
  return lines;
}

std::string top_page(const json& overview, const json& actors, const top_view& view, screen_size size,
                     const std::string& trouble) {
  const bool whole = size.lines == 0;
  auto lines = top_overview(overview, whole ? member(overview, "attention").size() : attention_on_screen);
  if (!trouble.empty()) lines.insert(lines.begin(), "NO ANSWER  " + trouble);
  lines.emplace_back();
  for (auto& each : actor_lines(actors)) lines.push_back(std::move(each));
  if (!whole) {
    lines.resize(size.lines - 1);
    lines.push_back(fmt::format("{} to {} of {} actors   {}", view.offset + 1,
                                view.offset + member(actors, "rows").size(),
                                as_count(member(actors, "matched")), keys));
  }
  std::string text;
  for (auto& each : lines) {
    auto line = printable(std::move(each));
    if (!whole) line = cut(line, size.columns) + "\x1b[K";
    text += (text.empty() ? "" : "\n") + line;
  }
  return whole ? text + "\n" : text;
}

}  // namespace tickcast::tools
