#pragma once
#include <memory>
#include <string>

#include "actors/runtime/metrics.hpp"
#include "actors/runtime/supervisor.hpp"
#include "actors/topics/engine.hpp"
#include "feeds/answer_box.hpp"
#include "feeds/router_socket.hpp"
#include "feeds/service_questions.hpp"
#include "feeds/zmq_host.hpp"

namespace tickcast::feeds {

/// The service desk and what outlives it: socket, figures, who answers what, and the thread.
///
/// Lifetime: outlives the actor and whoever answers questions; gone before the actor system and the ZeroMQ
/// context.
class service_room {
public:
  /// Binds [service].router. `questions` outlives it and is filled before start(). Throws feed_error with a
  /// sentence for people.
  service_room(actors::engine& parts, caf::actor_system& system, zmq::context_t& context,
               const service_questions& questions, std::shared_ptr<curve_gate> gate);

  ~service_room() { answers_->close(); }

  /// With the port that was taken.
  const std::string& endpoint() const noexcept { return socket_.endpoint(); }
  const actors::host& host() const noexcept { return host_; }
  /// For the supervisor of services.
  actors::child_spec child();
  void start() { host_.start(); }
  /// After the actor has ended.
  void stop() {
    answers_->close();
    host_.stop();
  }
  /// Any thread.
  void read_metrics(actors::metric_writer& to) const;

private:
  actors::engine& engine_;
  const service_questions& questions_;
  service_counters counters_;
  router_socket socket_;
  zmq_host host_;
  std::shared_ptr<answer_box> answers_;
};

}  // namespace tickcast::feeds
