#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>
#include <zmq.hpp>

#include "actors/runtime/supervisor.hpp"
#include "actors/topics/engine.hpp"
#include "actors/topics/feed_port.hpp"
#include "feeds/curve_gate.hpp"
#include "feeds/feed_actor.hpp"
#include "feeds/feed_clock.hpp"
#include "feeds/feed_thread.hpp"

namespace tickcast::feeds {

class redis_room;

/// A feed and where it reads from, for the start-up line and the console.
struct feed_address {
  std::string name;
  std::string kind;      ///< as in the configuration, or "simulator", "service", "redis"
  std::string endpoint;  ///< with the port that was taken
  std::string group;     ///< of feeds; empty: none
};

/// The restarts that one feed has, or the feeds of one group have together, before its supervisor pauses for
/// `longest` or gives up; and the back-off before each.
inline constexpr actors::restart_limits feed_restarts{.intensity = 10,
                                                      .period = std::chrono::seconds(60),
                                                      .shortest = std::chrono::milliseconds(200),
                                                      .longest = std::chrono::seconds(30)};
/// Time that a feed gets to end by itself.
inline constexpr std::chrono::milliseconds feed_shutdown{1500};

/// All feeds of the process, from its configuration: every [[feed]], the simulator when it is enabled (feed
/// `simulator`), the service PULL socket (feed `service`) and the bridge to Redis (feed `redis`).
///
/// Lifetime: outlives the actors it starts; gone before the engine and the ZeroMQ context. Its destructor
/// waits for the threads, which the actors' ends have stopped.
class feed_set {
public:
  /// Opens sockets and recordings, so that a port that is taken or a missing file is known before anything
  /// starts. Throws feed_error with a sentence for people.
  /// `redis`: brings a feed of its name, where it is not null; outlives this.
  feed_set(actors::engine& parts, zmq::context_t& context, redis_room* redis = nullptr);
  ~feed_set();

  std::vector<feed_address> addresses() const;
  /// The children of the supervisor of feeds, in configured order: one a feed, and in place of the first of
  /// a [[feed_group]] a supervisor of all of that group, of its name and with its strategy.
  std::vector<actors::child_spec> children(caf::actor_system& system);

  /// Suspends a feed or lets it go on, also while its actor is just being restarted; `by` is for people.
  /// False: there is no such feed. Any thread.
  bool suspend(std::string_view name, const std::string& by);
  bool resume(std::string_view name, const std::string& by);
  /// Clients that were turned away for their CURVE key.
  std::uint64_t keys_refused() const noexcept { return gate_ ? gate_->refused() : 0; }

  /// The one gate of the context, for every socket of it that has a list of CURVE keys; null when `keys` need
  /// none and nobody did before.
  std::shared_ptr<curve_gate> gate_for(const config::curve_keys& keys);
  /// Takes over the lists of CURVE keys of sockets that have one: feeds, service and egress. Any thread.
  void renew_keys(const config::config& next);

private:
  struct member {
    actors::feed_entry* entry;
    std::string kind;
    std::string group;  ///< empty: none
    feed_options options;
    std::unique_ptr<feed_thread> thread;
    actors::feed_actor actor;  ///< the present one; guarded by mutex_
  };

  member& add(std::string kind, actors::feed_entry& entry, std::unique_ptr<source> what,
              actors::feed_port_options options = {});
  void add_configured(const config::feed_section& section);
  void add_simulator();
  void add_service();
  void add_redis(redis_room& room);
  actors::feed_entry& make_entry(const std::string& name, int priority, bool simulated,
                                 std::int64_t stale_ms);
  std::unique_ptr<source> make_source(const config::feed_section& section, actors::feed_entry& entry);
  actors::child_spec child_of(member& of, caf::actor_system& system);
  actors::child_spec child_of_group(const std::string& group, caf::actor_system& system);
  actors::restart_strategy strategy_of(const std::string& group) const;
  caf::actor start(member& of, caf::actor_system& system);
  member* find(std::string_view name);

  actors::engine& engine_;
  zmq::context_t& context_;
  system_clock clock_;
  std::shared_ptr<curve_gate> gate_;
  std::vector<std::unique_ptr<member>> members_;
  std::mutex mutex_;
};

}  // namespace tickcast::feeds
