#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "access/doorkeeper.hpp"
#include "actors/clients/shard_room.hpp"
#include "actors/plugins/plugin_room.hpp"
#include "actors/runtime/supervisor.hpp"
#include "actors/runtime/system.hpp"
#include "actors/storage/storage_room.hpp"
#include "actors/topics/directory.hpp"
#include "actors/topics/engine.hpp"
#include "actors/users/service_office.hpp"
#include "actors/users/users_room.hpp"
#include "analytics/instruments.hpp"
#include "config/config.hpp"
#include "feeds/egress_room.hpp"
#include "feeds/feed_set.hpp"
#include "feeds/redis/redis_room.hpp"
#include "feeds/service_room.hpp"
#include "net/admin/admin_server.hpp"
#include "net/admin/api/console.hpp"
#include "net/admin/api/history_routes.hpp"
#include "net/api/instruments.hpp"
#include "net/api/known_indicators.hpp"
#include "net/api/past_desk.hpp"
#include "net/api/plugin_past.hpp"
#include "net/api/service_reads.hpp"
#include "net/readers.hpp"
#include "net/server.hpp"
#include "net/shared_reads.hpp"
#include "tools/config_options.hpp"
#include "tools/data_lock.hpp"

namespace tickcast::tools {

/// The whole server, put together from its parts: the one place that names them all.
///
/// The constructor acquires everything that can be missing or taken (directory, ports, recordings) and throws
/// std::exception with a sentence for the operator; start() begins to serve; stop() ends in order: accepting,
/// feeds, clients (3001), the shards' actors, the loops. Thread: the program's main one.
class serving {
public:
  serving(config::config settings, analytics::instruments listed);
  ~serving();
  serving(const serving&) = delete;
  serving& operator=(const serving&) = delete;

  void start();
  /// Reads the configuration and the certificates again and takes over what may change while clients are
  /// there (docs/operations.md, "Reload"); what is wrong is logged, and what was in force stays so.
  void reload(const config_options& options);
  /// The start-up line: all addresses as one JSON object.
  std::string start_line() const;
  /// Readable when the root supervisor has given up by itself.
  int given_up_fd() const noexcept { return given_up_fd_; }
  void stop();
  /// After stop(): threads of plugins or readers never came back, so nothing may be torn down under them;
  /// leave by _Exit.
  bool must_leave_at_once() const { return plugins_->lingering() > 0 || reading_still_ > 0; }

private:
  /// Parts of reload(); false: something was wrong, and logged.
  bool renew_certificates();
  bool read_again(const config_options& options);
  void set_up_pages();
  void set_up_api();
  void set_up_gate();
  void set_up_admin();
  void set_up_redis();
  void set_up_egress();
  void set_up_questions();
  void set_up_service();
  std::string stats() const;
  std::vector<actors::child_spec> root_children();
  caf::actor start_topics();
  caf::actor start_gatekeeper();
  caf::actor start_users();
  caf::actor start_shards();
  caf::actor start_shard(std::uint32_t index);
  caf::actor supervise(actors::supervisor::options how, std::vector<actors::child_spec> children);
  caf::actor start_services();
  caf::actor start_feeds();
  void wait_for(const actors::host& where, std::chrono::steady_clock::time_point deadline);
  void wait_for_hosts();

  // In order of construction; destroyed in reverse.
  data_lock lock_;
  actors::engine engine_;
  actors::directory_counters directory_counters_;
  actors::service_office office_;
  feeds::service_questions questions_;
  zmq::context_t zmq_;
  actors::system_config system_config_;
  caf::actor_system system_;
  net::server server_;
  access::doorkeeper door_;  ///< its answers go to the server's hosts
  net::readers readers_;
  net::shared_reads reads_;
  net::api::known_indicators indicators_;
  std::unique_ptr<net::api::known_symbols> instruments_;
  std::unique_ptr<net::api::past_desk> past_desk_;
  std::unique_ptr<net::api::service_reads> service_reads_;
  std::unique_ptr<net::api::plugin_past> plugin_past_;
  std::size_t reading_still_ = 0;  ///< reader threads that had not come back when the server stopped
  net::admin::admin_server admin_;
  std::unique_ptr<net::admin::console> console_;
  std::unique_ptr<net::admin::history_routes> history_;
  std::vector<std::unique_ptr<actors::shard_room>> rooms_;
  std::unique_ptr<actors::storage_room> storage_;
  std::unique_ptr<actors::users_room> users_;
  std::unique_ptr<actors::plugin_room> plugins_;
  std::unique_ptr<feeds::redis_room> redis_;  ///< none where no url is set
  std::unique_ptr<feeds::feed_set> feeds_;
  std::unique_ptr<feeds::egress_room> egress_;    ///< none where no endpoint is set
  std::unique_ptr<feeds::service_room> service_;  ///< the same
  caf::actor root_;
  int given_up_fd_ = -1;
  std::atomic<bool> ready_{false};
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  config::config in_force_;  ///< the configuration it began with, and what reloads have changed of it
  std::array<std::atomic<std::uint64_t>, 2> reloads_{};  ///< done; something was wrong
};

}  // namespace tickcast::tools
