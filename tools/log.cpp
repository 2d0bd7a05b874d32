// The server's log and its levels: log, log-level.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/admin_client.hpp"
#include "tools/command.hpp"
#include "tools/failure.hpp"
#include "tools/interrupt.hpp"
#include "tools/table.hpp"
#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

using nlohmann::json;

constexpr double look_again_s = 0.5;
constexpr std::size_t most_lines = 500;

struct log_options {
  admin_options admin;
  std::string level, component, filter;
  std::size_t limit = 100;
  bool follow = false;
};

std::string line_of(const json& row) {
  return printable(fmt::format("{}  {:<7}  {:<10}  {}", as_log_time(member(row, "at")),
                               as_text(member(row, "level")), as_text(member(row, "component")),
                               as_text(member(row, "text"))));
}

std::string lines_of(const json& answer, bool as_json) {
  std::string text;
  for (const auto& row : member(answer, "rows")) text += (as_json ? row.dump() : line_of(row)) + "\n";
  return text;
}

std::string target(const log_options& options, std::uint64_t after, std::size_t limit) {
  return "/api/log" + query_text({{"level", options.level},
                                  {"component", options.component},
                                  {"filter", options.filter},
                                  {"limit", std::to_string(limit)},
                                  {"after", after == 0 ? "" : std::to_string(after)}});
}

std::uint64_t last_of(const json& answer, std::uint64_t before) {
  const auto& rows = member(answer, "rows");
  return rows.empty() ? before : rows.back().value("seq", before);
}

exit_code follow(const admin_client& client, const log_options& options, std::uint64_t after) {
  for (;;) {
    if (!client.pause(look_again_s)) return exit_code::interrupted;
    const auto answer = client.get_json(target(options, after, most_lines));
    if (!answer) return tell_failure("log", answer.error());
    const auto& lost = member(*answer, "lost");
    if (lost.is_number() && lost > 0) fmt::print(stderr, "({} lines lost)\n", as_count(lost));
    if (const auto written = print_out(lines_of(*answer, options.admin.json)); written != exit_code::ok)
      return written;
    after = last_of(*answer, after);
  }
}

exit_code show_log(const log_options& options) {
  const interrupt stop;
  const auto client = admin_client::open(options.admin, stop.fd());
  if (!client) return tell_failure("log", client.error());
  const auto body = client->get(target(options, 0, options.limit));
  if (!body) return tell_failure("log", body.error());
  const auto answer = read_answer(*body);
  if (!answer) return tell_failure("log", answer.error());
  const bool whole = options.admin.json && !options.follow;
  const auto written = print_out(whole ? *body + "\n" : lines_of(*answer, options.admin.json));
  if (written != exit_code::ok || !options.follow) return written;
  return follow(*client, options, last_of(*answer, 0));
}

void add_log_tail(CLI::App& program, exit_code& outcome) {
  auto* command = program.add_subcommand("log", "Prints the newest lines of the server's log");
  command->footer("Example: tickcast log --level warning --follow");
  auto options = std::make_shared<log_options>();
  add_admin_options(*command, options->admin);
  command
      ->add_option("--level", options->level, "This level and all above: trace, debug, info, warning, error")
      ->type_name("LEVEL");
  command->add_option("--component", options->component, "Of this part alone")->type_name("NAME");
  command->add_option("--filter", options->filter, "Lines that contain this text; with * or ?: that match it")
      ->type_name("TEXT");
  command->add_option("--limit", options->limit, "So many lines, the newest")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, most_lines))
      ->capture_default_str();
  command->add_flag("--follow", options->follow,
                    "Go on with what comes, until interrupted; with --json one object a line");
  command->callback([options, &outcome] { outcome = show_log(*options); });
}

struct level_options {
  admin_options admin;
  std::string component, level;
};

std::string level_table(const json& answer) {
  table printed({{"COMPONENT"}, {"LEVEL"}});
  for (const auto& each : member(answer, "components"))
    printed.add({as_text(member(each, "component")), as_text(member(each, "level"))});
  return printed.print();
}

exit_code log_level(const level_options& options) {
  const interrupt stop;
  const auto client = admin_client::open(options.admin, stop.fd());
  if (!client) return tell_failure("log-level", client.error());
  const bool sets = !options.component.empty();
  const auto body = sets ? client->post("/api/log-level",
                                        json{{"component", options.component}, {"level", options.level}}.dump(
                                            -1, ' ', false, json::error_handler_t::replace))
                         : client->get("/api/log-levels");
  if (!body) return tell_failure("log-level", body.error());
  if (options.admin.json) return print_out(*body + "\n");
  if (sets) return print_out(fmt::format("{}: {}\n", options.component, options.level));
  const auto answer = read_answer(*body);
  return answer ? print_out(level_table(*answer)) : tell_failure("log-level", answer.error());
}

void add_log_level(CLI::App& program, exit_code& outcome) {
  auto* command =
      program.add_subcommand("log-level", "Shows what each part logs, or sets it until the next start");
  command->footer("Example: tickcast log-level feeds debug");
  auto options = std::make_shared<level_options>();
  add_admin_options(*command, options->admin);
  auto* component =
      command->add_option("component", options->component, "The part, or * for all")->type_name("COMPONENT");
  auto* level = command->add_option("level", options->level, "trace, debug, info, warning or error")
                    ->type_name("LEVEL");
  component->needs(level);
  command->callback([options, &outcome] { outcome = log_level(*options); });
}

}  // namespace

void add_log(CLI::App& program, exit_code& outcome) {
  add_log_tail(program, outcome);
  add_log_level(program, outcome);
}

}  // namespace tickcast::tools
