// The lists of the admin API as commands: actors, topics, connections, feeds, users, plugins, restarts,
// audit.
#include <CLI/App.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tools/admin_client.hpp"
#include "tools/command.hpp"
#include "tools/interrupt.hpp"
#include "tools/list_query.hpp"
#include "tools/list_table.hpp"
#include "tools/screen.hpp"
#include "tools/units.hpp"
#include "tools/watch_option.hpp"

namespace tickcast::tools {
namespace {

/// Rates are means since the last look; who is the first to look gets them a little later than this.
constexpr double first_look_s = 1.05;

struct list_options {
  admin_options admin;
  std::string sort, filter, kind;
  std::size_t limit = 0;
  double watch = 0;
};

list_query query_of(const list_description& what, const list_options& options) {
  list_query query{.path = what.path, .sort = options.sort.empty() ? what.sort : options.sort};
  query.filter = options.filter;
  query.more = {{"kind", options.kind}};
  if (options.limit != 0) query.limit = options.limit;
  return query;
}

// Whether the order that was asked for is that of a rate nobody has measured yet.
bool is_unmeasured(const std::string& sort, const nlohmann::json& answer) {
  const auto field = sort.starts_with('-') ? sort.substr(1) : sort;
  if (field != "busy" && !field.ends_with("_per_s")) return false;
  const auto& rows = member(answer, "rows");
  return !rows.empty() &&
         std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return member(row, field).is_null(); });
}

exit_code run(const list_description& what, const list_options& options) {
  const interrupt stop;
  const auto client = admin_client::open(options.admin, stop.fd());
  if (!client) return tell_failure(what.command, client.error());
  const auto query = query_of(what, options);
  return show_again(what.command, *client, options.watch, [&]() -> admin_result<std::string> {
    auto answer = fetch_list(*client, query);
    if (answer && is_unmeasured(query.sort, *answer)) {
      if (!client->pause(first_look_s)) return tl::unexpected(admin_failure{exit_code::interrupted, {}});
      answer = fetch_list(*client, query);
    }
    if (!answer) return tl::unexpected(answer.error());
    return options.admin.json ? answer->dump() + "\n" : print_list(what, *answer);
  });
}

void add_list(CLI::App& program, const list_description& what, exit_code& outcome) {
  auto* command = program.add_subcommand(what.command, what.about);
  command->footer(std::string("Example: ") + what.example);
  auto options = std::make_shared<list_options>();
  add_admin_options(*command, options->admin);
  command->add_option("--sort", options->sort, "Field to sort by, as --json names it; -FIELD: largest first")
      ->type_name("FIELD");
  command->add_option("--filter", options->filter, "Rows that contain this text; with * or ?: that match it")
      ->type_name("TEXT");
  if (std::string_view(what.command) == "actors" || std::string_view(what.command) == "topics")
    command->add_option("--kind", options->kind, "Rows of this kind")->type_name("KIND");
  command->add_option("--limit", options->limit, "So many rows (default: all)")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000'000));
  add_watch_option(*command, options->watch);
  command->callback([&what, options, &outcome] { outcome = run(what, *options); });
}

}  // namespace

void add_lists(CLI::App& program, exit_code& outcome) {
  for (const auto& each : lists()) add_list(program, each, outcome);
}

}  // namespace tickcast::tools
