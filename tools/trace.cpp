#include <fmt/format.h>

#include <CLI/App.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/actor_lookup.hpp"
#include "tools/admin_client.hpp"
#include "tools/command.hpp"
#include "tools/failure.hpp"
#include "tools/interrupt.hpp"
#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

using nlohmann::json;

constexpr double look_again_s = 0.25;

struct trace_options {
  admin_options admin;
  std::string actor, filter;
  int count = 100;
  double seconds = 10;
};

std::string line_of(const json& row) {
  return printable(fmt::format("{}  {:>9}  {}  {}", as_log_time(member(row, "at")),
                               as_micros(member(row, "took_us")), as_text(member(row, "message")),
                               as_text(member(row, "text"))));
}

// Prints the rows behind the first `printed`.
exit_code print_new(const json& answer, std::size_t& printed, bool as_json) {
  const auto& rows = member(answer, "rows");
  std::string text;
  for (; printed < rows.size(); ++printed)
    text += (as_json ? rows[printed].dump() : line_of(rows[printed])) + "\n";
  return text.empty() ? exit_code::ok : print_out(text);
}

admin_result<std::string> begin(const admin_client& client, const trace_options& options) {
  const auto found = find_actor(client, options.actor);
  if (!found) return tl::unexpected(found.error());
  const json body{{"count", options.count}, {"seconds", options.seconds}, {"filter", options.filter}};
  const auto answer = client.post("/api/actors/" + found->id + "/trace",
                                  body.dump(-1, ' ', false, json::error_handler_t::replace));
  if (!answer) return answer;
  fmt::print(stderr, "tracing {}\n", found->text());
  if (!options.admin.json) fmt::print(stderr, "{:23}  {:>9}  {}\n", "AT", "TOOK", "MESSAGE");
  return read_answer(*answer).map([](const json& read) { return as_text(member(read, "trace")); });
}

exit_code trace(const trace_options& options) {
  const interrupt stop;
  const auto client = admin_client::open(options.admin, stop.fd());
  if (!client) return tell_failure("trace", client.error());
  const auto id = begin(*client, options);
  if (!id) return tell_failure("trace", id.error());
  for (std::size_t printed = 0;;) {
    const auto answer = client->get_json("/api/trace/" + *id);
    if (!answer) return tell_failure("trace", answer.error());
    const auto written = print_new(*answer, printed, options.admin.json);
    if (written != exit_code::ok) return written;
    const auto& state = member(*answer, "state");
    if (state != "running") {
      fmt::print(stderr, "{}: {} of {} messages\n", as_text(state), as_count(member(*answer, "matched")),
                 as_count(member(*answer, "seen")));
      return exit_code::ok;
    }
    if (!client->pause(look_again_s)) return exit_code::interrupted;
  }
}

}  // namespace

void add_trace(CLI::App& program, exit_code& outcome) {
  auto* command = program.add_subcommand(
      "trace", "Prints the messages that reach an actor, for a while; with --json one object a line");
  command->footer("Example: tickcast trace root/topics/directory --count 20 --filter monitor.cpu");
  auto options = std::make_shared<trace_options>();
  add_admin_options(*command, options->admin);
  command->add_option("actor", options->actor, "Its id, its path, or the end of its path")
      ->type_name("ACTOR")
      ->required();
  command->add_option("--count", options->count, "So many messages at most")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--seconds", options->seconds, "For so long at most")
      ->type_name("N")
      ->check(CLI::Range(0.01, 60.0))
      ->capture_default_str();
  command->add_option("--filter", options->filter, "Messages whose name or text contains this")
      ->type_name("TEXT");
  command->callback([options, &outcome] { outcome = trace(*options); });
}

}  // namespace tickcast::tools
