#pragma once
#include <memory>
#include <string>

#include "actors/runtime/metrics.hpp"
#include "actors/runtime/supervisor.hpp"
#include "actors/topics/engine.hpp"
#include "feeds/curve_gate.hpp"
#include "feeds/xpub_outlet.hpp"
#include "feeds/zmq_host.hpp"

namespace tickcast::feeds {

/// The egress's actor and what outlives it: socket, subscriptions, figures and thread.
///
/// Lifetime: outlives the actor; gone before the actor system and the ZeroMQ context.
class egress_room {
public:
  /// Binds [egress].endpoint. Throws feed_error with a sentence for people.
  egress_room(actors::engine& parts, caf::actor_system& system, zmq::context_t& context,
              std::shared_ptr<curve_gate> gate);

  /// With the port that was taken.
  const std::string& endpoint() const noexcept { return outlet_.endpoint(); }
  const actors::host& host() const noexcept { return host_; }
  /// For the supervisor of services.
  actors::child_spec child();
  void start() { host_.start(); }
  /// After the actor has ended.
  void stop() { host_.stop(); }
  /// Any thread.
  void read_metrics(actors::metric_writer& to) const;
  const egress_counters& counters() const noexcept { return counters_; }

private:
  actors::engine& engine_;
  egress_counters counters_;
  xpub_outlet outlet_;
  zmq_host host_;
};

}  // namespace tickcast::feeds
