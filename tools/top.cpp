#include <CLI/App.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "tools/admin_client.hpp"
#include "tools/command.hpp"
#include "tools/failure.hpp"
#include "tools/interrupt.hpp"
#include "tools/list_query.hpp"
#include "tools/terminal.hpp"
#include "tools/top_page.hpp"
#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

using nlohmann::json;
using clock = std::chrono::steady_clock;

/// Rates are means over at least a second.
constexpr double first_look_s = 1.05;
constexpr std::chrono::milliseconds refresh{1000};
constexpr std::size_t page_without_terminal = 50;

struct answers {
  json overview = json::object();
  json actors = json::object();
};

admin_result<answers> look(const admin_client& client, const top_view& view, std::size_t rows) {
  auto overview = client.get_json("/api/overview");
  if (!overview) return tl::unexpected(overview.error());
  auto actors = client.get_json("/api/actors" +
                                query_text({{"sort", view.sort()},
                                            {"offset", std::to_string(view.offset)},
                                            {"limit", std::to_string(std::min<std::size_t>(rows, 500))}}));
  if (!actors) return tl::unexpected(actors.error());
  return answers{std::move(*overview), std::move(*actors)};
}

// Without a terminal: one page, once there are rates to show.
exit_code print_once(const admin_client& client, bool as_json) {
  const top_view view;
  for (int turn = 0;; ++turn) {
    const auto seen = look(client, view, page_without_terminal);
    if (!seen) return tell_failure("top", seen.error());
    if (turn == 0 && member(member(seen->overview, "rates"), "cpu").is_null()) {
      if (!client.pause(first_look_s)) return exit_code::interrupted;
      continue;
    }
    if (as_json) return print_out(json{{"overview", seen->overview}, {"actors", seen->actors}}.dump() + "\n");
    return print_out(top_page(seen->overview, seen->actors, view, {}, {}));
  }
}

/// False: quit.
bool obey(const terminal::press& pressed, top_view& view, std::size_t page, std::size_t all) {
  using key = terminal::key;
  using order = top_view::order;
  const auto sort = [&](order by) { view = {by, 0}; };
  const auto last = all > page ? all - page : 0;
  if (pressed.what == key::up) view.offset -= std::min<std::size_t>(view.offset, 1);
  if (pressed.what == key::down) view.offset = std::min(view.offset + 1, last);
  if (pressed.what == key::page_up) view.offset -= std::min(view.offset, page);
  if (pressed.what == key::page_down) view.offset = std::min(view.offset + page, last);
  if (pressed.what == key::home) view.offset = 0;
  switch (pressed.letter) {
    case 'b':
      sort(order::busy);
      break;
    case 'm':
      sort(order::mailbox);
      break;
    case 'a':
      sort(order::age);
      break;
    case 'n':
      sort(order::name);
      break;
    case 'q':
      return false;
    default:
      break;
  }
  return true;
}

exit_code run(const admin_client& client) {
  top_view view;
  // The first answer decides whether there is anybody to look at; later ones may be missing for a while.
  auto first = look(client, view, size_of_screen().lines);
  if (!first) return tell_failure("top", first.error());
  auto seen = std::move(*first);
  std::string trouble;
  terminal screen(client.stop_fd());
  for (;;) {
    const auto size = size_of_screen();
    screen.show(top_page(seen.overview, seen.actors, view, size, trouble));
    const auto due = clock::now() + refresh;
    terminal::press pressed;
    while (pressed.what == terminal::key::none && clock::now() < due)
      pressed = screen.wait(static_cast<int>(
          std::chrono::duration_cast<std::chrono::milliseconds>(due - clock::now()).count() + 1));
    if (pressed.what == terminal::key::interrupted) return exit_code::interrupted;
    const auto page = std::max<std::size_t>(1, member(seen.actors, "rows").size());
    if (!obey(pressed, view, page, seen.actors.value("matched", page))) return exit_code::ok;
    const auto above = top_overview(seen.overview, 5).size() + 3;
    auto next = look(client, view, size.lines > above ? size.lines - above : 1);
    if (!next && next.error().code == exit_code::interrupted) return exit_code::interrupted;
    trouble = next ? std::string() : next.error().message;
    if (next) seen = std::move(*next);
  }
}

exit_code top(const admin_options& options) {
  const interrupt stop;
  const auto client = admin_client::open(options, stop.fd());
  if (!client) return tell_failure("top", client.error());
  if (options.json || size_of_screen().lines == 0) return print_once(*client, options.json);
  return run(*client);
}

}  // namespace

void add_top(CLI::App& program, exit_code& outcome) {
  auto* command = program.add_subcommand(
      "top",
      "Shows the whole server, refreshed each second: rates, what needs attention, the busiest actors");
  command->footer(
      "Keys: b busy, m mailbox, a age, n name; arrows, PgUp, PgDn, Home; q quits.\n"
      "Without a terminal it prints one page and ends.\n"
      "Example: tickcast top");
  auto options = std::make_shared<admin_options>();
  add_admin_options(*command, *options);
  command->callback([options, &outcome] { outcome = top(*options); });
}

}  // namespace tickcast::tools
