#include <CLI/App.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/admin_client.hpp"
#include "tools/command.hpp"
#include "tools/interrupt.hpp"
#include "tools/screen.hpp"
#include "tools/tree_text.hpp"
#include "tools/watch_option.hpp"

namespace tickcast::tools {
namespace {

struct tree_options {
  admin_options admin;
  double watch = 0;
};

exit_code show_tree(const tree_options& options) {
  const interrupt stop;
  const auto client = admin_client::open(options.admin, stop.fd());
  if (!client) return tell_failure("tree", client.error());
  return show_again("tree", *client, options.watch, [&]() -> admin_result<std::string> {
    const auto body = client->get("/api/tree");
    if (!body) return tl::unexpected(body.error());
    if (options.admin.json) return *body + "\n";
    return read_answer(*body).map(print_tree);
  });
}

}  // namespace

void add_tree(CLI::App& program, exit_code& outcome) {
  auto* command = program.add_subcommand(
      "tree", "Shows the supervisors and their children: strategies, spent budgets, restarts");
  command->footer("Example: tickcast tree --watch");
  auto options = std::make_shared<tree_options>();
  add_admin_options(*command, options->admin);
  add_watch_option(*command, options->watch);
  command->callback([options, &outcome] { outcome = show_tree(*options); });
}

}  // namespace tickcast::tools
