#pragma once
#include <memory>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "actors/runtime/supervisor.hpp"
#include "actors/topics/engine.hpp"
#include "actors/topics/feed_port.hpp"
#include "feeds/curve_gate.hpp"
#include "feeds/feed_clock.hpp"
#include "feeds/feed_thread.hpp"

namespace tickcast::feeds {

/// A feed and where it reads from, for the start-up line and the console.
struct feed_address {
  std::string name;
  std::string kind;      ///< as in the configuration, or "simulator", "service"
  std::string endpoint;  ///< with the port that was taken
};

/// All feeds of the process, from its configuration: every [[feed]], the simulator when it is enabled (feed
/// `simulator`), and the service PULL socket (feed `service`).
///
/// Lifetime: outlives the actors it starts; gone before the engine and the ZeroMQ context. Its destructor
/// waits for the threads, which the actors' ends have stopped.
class feed_set {
public:
  /// Opens sockets and recordings, so that a port that is taken or a missing file is known before anything
  /// starts. Throws feed_error with a sentence for people.
  feed_set(actors::engine& parts, zmq::context_t& context);
  ~feed_set();

  std::vector<feed_address> addresses() const;
  /// One child a feed, for the supervisor of feeds.
  std::vector<actors::child_spec> children(caf::actor_system& system);
  /// Clients that were turned away for their CURVE key.
  std::uint64_t keys_refused() const noexcept { return gate_ ? gate_->refused() : 0; }

  /// The one gate of the context, for every socket of it that has a list of CURVE keys; null when `keys` need
  /// none and nobody did before.
  std::shared_ptr<curve_gate> gate_for(const config::curve_keys& keys);

private:
  struct member {
    actors::feed_entry* entry;
    std::string kind;
    std::unique_ptr<feed_thread> thread;
  };

  void add(std::string kind, actors::feed_entry& entry, std::unique_ptr<source> what,
           actors::feed_port_options options = {});
  void add_configured(const config::feed_section& section);
  void add_simulator();
  void add_service();
  actors::feed_entry& make_entry(const std::string& name, int priority, bool simulated,
                                 std::int64_t stale_ms);
  std::unique_ptr<source> make_source(const config::feed_section& section);

  actors::engine& engine_;
  zmq::context_t& context_;
  system_clock clock_;
  std::shared_ptr<curve_gate> gate_;
  std::vector<member> members_;
};

}  // namespace tickcast::feeds
