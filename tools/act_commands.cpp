// What operators do to a running server, one request each.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tools/actor_lookup.hpp"
#include "tools/admin_client.hpp"
#include "tools/child_lookup.hpp"
#include "tools/command.hpp"
#include "tools/failure.hpp"
#include "tools/interrupt.hpp"
#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

using nlohmann::json;

/// What a command asks for, once its words have been read.
struct action {
  std::string target;  ///< where to POST
  json body = json::object();
  std::string done;  ///< what is said when it is done
};
using make_action = std::function<admin_result<action>(const admin_client&)>;

exit_code act(const char* command, const admin_options& options, const make_action& make) {
  const interrupt stop;
  const auto client = admin_client::open(options, stop.fd());
  if (!client) return tell_failure(command, client.error());
  const auto wanted = make(*client);
  if (!wanted) return tell_failure(command, wanted.error());
  const auto body = wanted->body.dump(-1, ' ', false, json::error_handler_t::replace);
  const auto answer = client->post(wanted->target, body);
  if (!answer) return tell_failure(command, answer.error());
  return print_out((options.json ? *answer : wanted->done) + "\n");
}

struct act_options {
  admin_options admin;
  std::string what;
  std::string library;
  std::string parameters;
  std::string reason;
  std::optional<int> code;
  double seconds = 30;
  bool force = false;
};
using shared = std::shared_ptr<act_options>;

struct description {
  const char* name;
  const char* about;
  const char* example;
};

// The parts that every action has; `make` reads the options when it is run.
std::pair<CLI::App*, shared> add_action(
    CLI::App& program, exit_code& outcome, const description& what,
    std::function<admin_result<action>(const admin_client&, const act_options&)> make) {
  auto* command = program.add_subcommand(what.name, what.about);
  command->footer(std::string("Example: ") + what.example);
  auto options = std::make_shared<act_options>();
  add_admin_options(*command, options->admin);
  command->callback([name = what.name, options, make = std::move(make), &outcome] {
    outcome = act(name, options->admin, [&](const admin_client& client) { return make(client, *options); });
  });
  return {command, options};
}

void name_actor(const std::pair<CLI::App*, shared>& of) {
  of.first->add_option("actor", of.second->what, "Its id, its path, or the end of its path")
      ->type_name("ACTOR")
      ->required();
}

void name_feed(const std::pair<CLI::App*, shared>& of) {
  of.first->add_option("feed", of.second->what, "The feed's name")->type_name("FEED")->required();
}

void add_actor_actions(CLI::App& program, exit_code& outcome) {
  name_actor(add_action(program, outcome,
                        {"restart", "Ends an actor as a failure would; its supervisor starts it again",
                         "tickcast restart root/feeds/pull"},
                        [](const admin_client& client, const act_options& options) {
                          return find_actor(client, options.what).map([](const found_actor& found) {
                            return action{"/api/actors/" + found.id + "/restart", json::object(),
                                          found.text() + ": ended, to be started again"};
                          });
                        }));
  const auto stop = add_action(
      program, outcome,
      {"stop", "Ends a supervised actor, which stays stopped until it is started",
       "tickcast stop root/feeds/pull"},
      [](const admin_client& client, const act_options& options) {
        return find_actor(client, options.what).map([&](const found_actor& found) {
          action wanted{"/api/actors/" + found.id + "/stop", json::object(), found.text() + ": stopped"};
          if (options.force) wanted.body["force"] = true;
          return wanted;
        });
      });
  name_actor(stop);
  stop.first->add_flag("--force", stop.second->force, "Also a part that the engine cannot be without");
  const auto start = add_action(
      program, outcome,
      {"start", "Starts a stopped child of a supervisor again", "tickcast start root/feeds/pull"},
      [](const admin_client& client, const act_options& options) {
        return find_child(client, options.what).map([](const found_child& found) {
          return action{"/api/children/start", json{{"supervisor", found.supervisor}, {"child", found.id}},
                        found.supervisor + "/" + found.id + ": started"};
        });
      });
  start.first->add_option("child", start.second->what, "Its path, or the end of its path")
      ->type_name("CHILD")
      ->required();
}

void add_feed_actions(CLI::App& program, exit_code& outcome) {
  name_feed(add_action(program, outcome,
                       {"suspend", "Lets a feed rest until it is resumed", "tickcast suspend pull"},
                       [](const admin_client&, const act_options& options) -> admin_result<action> {
                         return action{"/api/feeds/" + escape_url(options.what) + "/suspend", json::object(),
                                       "feed " + options.what + ": suspended"};
                       }));
  name_feed(add_action(program, outcome, {"resume", "Lets a suspended feed go on", "tickcast resume pull"},
                       [](const admin_client&, const act_options& options) -> admin_result<action> {
                         return action{"/api/feeds/" + escape_url(options.what) + "/resume", json::object(),
                                       "feed " + options.what + ": resumed"};
                       }));
}

admin_result<action> on_plugin(const act_options& options, const char* verb, const char* done) {
  action wanted{fmt::format("/api/plugins/{}/{}", escape_url(options.what), verb), json::object(),
                fmt::format("plugin {}: {}", options.what, done)};
  if (!options.library.empty()) wanted.body["library"] = options.library;
  return wanted;
}

admin_result<action> load_plugin(const admin_client&, const act_options& options) {
  action wanted{"/api/plugins/load", json{{"name", options.what}, {"library", options.library}},
                fmt::format("plugin {}: loaded", options.what)};
  if (options.parameters.empty()) return wanted;
  auto parameters = json::parse(options.parameters, nullptr, false);
  if (!parameters.is_object())
    return tl::unexpected(admin_failure{exit_code::usage, "--parameters must be a JSON object"});
  wanted.body["parameters"] = std::move(parameters);
  return wanted;
}

void add_plugin_actions(CLI::App& program, exit_code& outcome) {
  const auto name_plugin = [](const std::pair<CLI::App*, shared>& of) {
    of.first->add_option("plugin", of.second->what, "The plugin's name")->type_name("NAME")->required();
    return of;
  };
  const auto load = name_plugin(
      add_action(program, outcome,
                 {"load-plugin", "Loads a plugin until the next start",
                  "tickcast load-plugin spread /opt/quant/libspread.so --parameters '{\"threshold\": 0.5}'"},
                 load_plugin));
  load.first->add_option("library", load.second->library, "Its shared library, as the server finds it")
      ->type_name("PATH")
      ->required();
  load.first->add_option("--parameters", load.second->parameters, "What it is told, a JSON object")
      ->type_name("JSON");
  const auto reload =
      name_plugin(add_action(program, outcome,
                             {"reload-plugin", "Puts a new version of a plugin in the place of the old",
                              "tickcast reload-plugin spread"},
                             [](const admin_client&, const act_options& options) {
                               return on_plugin(options, "reload", "reloaded");
                             }));
  reload.first->add_option("library", reload.second->library, "Another library than before")
      ->type_name("PATH");
  name_plugin(add_action(program, outcome,
                         {"unload-plugin", "Ends a plugin and takes it out", "tickcast unload-plugin spread"},
                         [](const admin_client&, const act_options& options) {
                           return on_plugin(options, "unload", "unloaded");
                         }));
}

void add_kick(CLI::App& program, exit_code& outcome) {
  const auto kick = add_action(
      program, outcome,
      {"kick", "Closes the connection of one client", "tickcast kick 4711 --code 3501 --reason 'too many'"},
      [](const admin_client&, const act_options& options) -> admin_result<action> {
        action wanted{"/api/connections/" + escape_url(options.what) + "/kick", json::object(),
                      "connection " + options.what + ": closed"};
        if (options.code) wanted.body["code"] = *options.code;
        if (!options.reason.empty()) wanted.body["reason"] = options.reason;
        return wanted;
      });
  const auto& [command, options] = kick;
  command->add_option("connection", options->what, "Its id, as `tickcast connections` shows it")
      ->type_name("ID")
      ->required();
  command
      ->add_option("--code", options->code,
                   "Close code, 3000 to 3999 (default 3501); below 3500 the client comes back")
      ->type_name("CODE");
  command->add_option("--reason", options->reason, "What the client is told, at most 100 bytes")
      ->type_name("TEXT");
}

void add_drain(CLI::App& program, exit_code& outcome) {
  const auto drain = add_action(
      program, outcome,
      {"drain", "Accepts nobody any more and closes the clients, spread over a while",
       "tickcast drain --seconds 60"},
      [](const admin_client&, const act_options& options) -> admin_result<action> {
        return action{"/api/drain", json{{"seconds", options.seconds}},
                      fmt::format("draining: the clients are closed within {:g} s; `tickcast undrain` takes "
                                  "it back",
                                  options.seconds)};
      });
  drain.first->add_option("--seconds", drain.second->seconds, "How long closing them may take")
      ->type_name("N")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  add_action(program, outcome, {"undrain", "Accepts clients again after drain", "tickcast undrain"},
             [](const admin_client&, const act_options&) -> admin_result<action> {
               return action{"/api/undrain", json::object(), "clients are accepted again"};
             });
}

}  // namespace

void add_actions(CLI::App& program, exit_code& outcome) {
  add_actor_actions(program, outcome);
  add_feed_actions(program, outcome);
  add_plugin_actions(program, outcome);
  add_kick(program, outcome);
  add_drain(program, outcome);
}

}  // namespace tickcast::tools
