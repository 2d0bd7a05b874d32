// A topic's history as CSV or JSON lines.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "feeds/table_text.hpp"
#include "protocol/feed_text.hpp"
#include "protocol/time_text.hpp"
#include "protocol/topic.hpp"
#include "tools/admin_client.hpp"
#include "tools/command.hpp"
#include "tools/failure.hpp"
#include "tools/history_door.hpp"
#include "tools/interrupt.hpp"

namespace tickcast::tools {
namespace {

/// Rows that are in memory at once.
constexpr std::size_t rows_at_once = 20'000;

constexpr const char* footer =
    R"(TOPIC is trade.SYMBOL, quote.SYMBOL or bar.INTERVAL.SYMBOL. Times are microseconds since 1970
or ISO 8601 (2024-08-08, 2024-08-08T09:30:00+08:00); --to is not included. CSV can be imported
again as it is, JSON lines are feed messages; times in both are nanoseconds. While a server works
on the directory it is asked (--admin, --token-file).

Example: tickcast export bar.1m.BTCUSDT --from 2024-08-08 --to 2024-08-09 --directory /var/lib/tickcast > btc.csv)";

struct export_options {
  std::string topic;
  std::string from;
  std::string to;
  std::string format = "csv";
  history_options history;
};

exit_code complain(exit_code code, std::string_view why) {
  fmt::print(stderr, "tickcast export: {}\n", why);
  return code;
}

/// Rows as lines of the CSV file.
class csv_text final : public protocol::feed_sink {
public:
  void on_trade(std::string_view symbol, protocol::trade&& value, std::optional<std::uint64_t>) override {
    if (auto done = feeds::append_row(text_, symbol, value); !done) fault_ = done.error().message;
  }
  void on_quote(std::string_view symbol, protocol::quote&& value, std::optional<std::uint64_t>) override {
    feeds::append_row(text_, symbol, value);
  }
  void on_bar(std::string_view symbol, std::string_view interval, protocol::bar&& value,
              std::optional<std::uint64_t>) override {
    feeds::append_row(text_, symbol, interval, value);
  }
  void on_amendment(std::string_view, protocol::trade_amendment&&, std::optional<std::uint64_t>) override {}
  void on_event(std::string_view, std::string&&, std::optional<std::uint64_t>) override {}
  void on_refused(protocol::error&&, std::optional<std::uint64_t>) override {}

  const std::string& text() const noexcept { return text_; }
  void clear() noexcept { text_.clear(); }
  /// Of a row that could not be written; empty: none.
  const std::string& fault() const noexcept { return fault_; }

private:
  std::string text_;
  std::string fault_;
};

/// Prints piece by piece; `rows` becomes whether there were any.
template <class Text>
exit_code print_all(history_door& door, const std::string& topic, store::range which, Text& text,
                    const interrupt& stop, bool& rows) {
  while (true) {
    if (stop.came()) return exit_code::interrupted;
    const auto next = door.read(topic, which, text);
    if (!next) return tell_failure("export", next.error());
    if (const auto printed = print_out(text.text()); printed != exit_code::ok) return printed;
    if constexpr (std::is_same_v<Text, csv_text>)
      if (!text.fault().empty()) return complain(exit_code::failed, text.fault());
    if (!*next) return exit_code::ok;
    rows = true;
    text.clear();
    which.from_ns = **next;
  }
}

exit_code print_history(history_door& door, const export_options& options, const store::range& which,
                        const interrupt& stop) {
  bool rows = false;
  auto outcome = exit_code::ok;
  if (options.format == "csv") {
    csv_text text;
    outcome = print_out(feeds::table_header(protocol::parse_topic(options.topic)->kind));
    if (outcome == exit_code::ok) outcome = print_all(door, options.topic, which, text, stop, rows);
  } else {
    protocol::feed_text text('\n');
    outcome = print_all(door, options.topic, which, text, stop, rows);
  }
  if (outcome == exit_code::ok && !rows)
    fmt::print(stderr, "tickcast export: nothing of {} is kept in that time\n", options.topic);
  return outcome;
}

/// False: it is no time. Empty: as it was.
bool read_bound(const std::string& text, std::int64_t& to) {
  if (text.empty()) return true;
  const auto time_ns = protocol::parse_query_time(text);
  if (time_ns) to = *time_ns;
  return time_ns.has_value();
}

exit_code export_history(const export_options& options) {
  using kind = protocol::topic_kind;
  const auto topic = protocol::parse_topic(options.topic);
  if (!topic || (topic->kind != kind::trade && topic->kind != kind::quote && topic->kind != kind::bar))
    return complain(exit_code::usage, "the topic must be trade.SYMBOL, quote.SYMBOL or bar.INTERVAL.SYMBOL");
  store::range which;
  which.limit = rows_at_once;
  for (const auto& [text, bound] : {std::pair(&options.from, &which.from_ns), {&options.to, &which.to_ns}})
    if (!read_bound(*text, *bound))
      return complain(
          exit_code::usage,
          fmt::format("'{}' is no time; write 2024-08-08, 2024-08-08T09:30:00Z or microseconds", *text));
  const interrupt stop;
  const auto door = open_history_door(options.history, true, {}, stop.fd());
  if (!door) return tell_failure("export", door.error());
  return print_history(**door, options, which, stop);
}

}  // namespace

void add_export(CLI::App& program, exit_code& outcome) {
  auto* command = program.add_subcommand("export", "Prints a topic's history as CSV or JSON lines");
  auto options = std::make_shared<export_options>();
  command->add_option("TOPIC", options->topic, "trade.SYMBOL, quote.SYMBOL or bar.INTERVAL.SYMBOL")
      ->required();
  command->add_option("--from", options->from, "The first time (default: the oldest row)")->type_name("TIME");
  command->add_option("--to", options->to, "The time before which it ends (default: the newest row)")
      ->type_name("TIME");
  command->add_option("--format", options->format, "csv or jsonl")
      ->check(CLI::IsMember({"csv", "jsonl"}))
      ->capture_default_str();
  command
      ->add_option("--directory", options->history.directory,
                   "A server's data directory (default: store.directory of --config)")
      ->type_name("DIRECTORY");
  add_admin_address(*command, options->history.admin);
  command->footer(footer);
  command->callback([options, &outcome] { outcome = export_history(*options); });
}

}  // namespace tickcast::tools
