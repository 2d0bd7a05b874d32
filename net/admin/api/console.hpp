#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "actors/plugins/report.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/message_trace.hpp"
#include "actors/topics/engine.hpp"
#include "net/admin/admin_server.hpp"
#include "net/admin/api/rates.hpp"
#include "net/census.hpp"

namespace tickcast::net {
class server;
}

namespace tickcast::net::admin {

/// A feed as its set knows it.
struct feed_details {
  std::string name;
  std::string kind;
  std::string endpoint;
  std::string group;  ///< empty: none
};

/// A line of the log.
struct log_line {
  std::uint64_t seq = 0;
  std::int64_t at_us = 0;
  int level = 0;  ///< spdlog's
  std::string component;
  std::string text;
};

/// What the console shows besides what the engine and the client port say of themselves. All are called on
/// the admin thread and must not block.
struct console_sources {
  std::function<std::vector<feed_details>()> feeds = [] { return std::vector<feed_details>{}; };
  /// Suspends a feed (true) or lets it go on; `by` for people. False: there is none of that name.
  std::function<bool(const std::string& name, bool rests, const std::string& by)> suspend_feed =
      [](const std::string&, bool, const std::string&) { return false; };
  /// The newest lines after this number, oldest first.
  std::function<std::vector<log_line>(std::uint64_t after)> log = [](std::uint64_t) {
    return std::vector<log_line>{};
  };
  std::function<std::uint64_t()> log_dropped = [] { return std::uint64_t{0}; };
  std::function<std::vector<actors::plugin_report>()> plugins = [] {
    return std::vector<actors::plugin_report>{};
  };
  /// "starting", "serving" or "stopping".
  std::function<std::string()> state = [] { return std::string("serving"); };
};

/// The admin API (docs/admin-api.md): its lists, single things and actions. Lives as long as the admin
/// server; everything runs on the admin thread, and asks shards and actors only by messages with a time
/// limit.
class console {
public:
  console(admin_server& on, actors::engine& parts, server& clients, console_sources sources);
  ~console();
  console(const console&) = delete;
  console& operator=(const console&) = delete;

private:
  void add_actor_routes();
  void add_tree_routes();
  void add_topic_routes();
  void add_connection_routes();
  void add_overview_routes();
  void add_log_routes();
  void add_action_routes();

  // Actors.
  using probe_ptr = std::shared_ptr<const actors::probe>;
  struct actor_row {
    probe_ptr of;
    std::optional<double> received_per_s;
    std::optional<double> busy;
    std::uint64_t restarts = 0;
    std::int64_t now_ns = 0;
  };
  std::vector<actor_row> actor_rows();
  void describe(const admin_request& request, const responder& answer);
  nlohmann::json restart_rows(const admin_request& request, std::string& wrong) const;

  // Connections: asked for at most once a second, however many look.
  struct census;
  void with_connections(const responder& answer,
                        std::function<http_answer(const std::vector<connection_row>&, bool complete)> make);
  void kick(const admin_request& request, const responder& answer);

  // Overview.
  nlohmann::json overview();
  nlohmann::json shards();
  nlohmann::json latency();
  nlohmann::json attention();

  // Actions.
  struct place;  ///< where an actor stands under a supervisor
  std::optional<place> place_of(std::uint64_t actor) const;
  void restart(const admin_request& request, const responder& answer);
  void stop(const admin_request& request, const responder& answer);
  void start_child(const admin_request& request, const responder& answer);
  void trace(const admin_request& request, const responder& answer);
  http_answer read_trace(const admin_request& request);

  admin_server& admin_;
  actors::engine& engine_;
  server& clients_;
  console_sources sources_;
  const std::int64_t started_us_;

  rates<std::uint64_t> received_, busy_;
  rates<std::string> topics_, feeds_, totals_;
  // The latest question for the topics: what has come in, whether somebody still holds it, and since when.
  std::shared_ptr<const actors::topic_report> topics_kept_;
  std::weak_ptr<actors::topic_report> topics_asked_;
  std::chrono::steady_clock::time_point topics_asked_at_{};
  std::shared_ptr<census> census_;
  struct tracing {
    std::uint64_t actor;
    std::shared_ptr<actors::message_trace> what;
  };
  std::map<std::uint64_t, tracing> traces_;
  std::uint64_t last_trace_ = 0;
};

/// The request's body as a JSON object; throws nothing: null when it is none. An empty body is {}.
nlohmann::json body_of(const admin_request& request);
/// Answers with {"done":true} and what `more` has.
http_answer done(const nlohmann::json& more);
http_answer done();

}  // namespace tickcast::net::admin
