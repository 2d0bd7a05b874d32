#pragma once
#include "actors/runtime/caf.hpp"
#include "actors/runtime/hosted.hpp"
#include "actors/topics/engine.hpp"
#include "feeds/router_socket.hpp"
#include "feeds/service_questions.hpp"

namespace tickcast::feeds {

using service_actor = caf::typed_actor<caf::reacts_to<caf::unit_t>>;

/// Takes backends' questions from the ROUTER and hands each to who answers its type. What comes back goes to
/// the socket by way of the host, and so reaches its backend also when the desk was restarted meanwhile. On
/// the service's host.
class service_desk final : public actors::hosted<service_actor::base> {
public:
  service_desk(caf::actor_config& cfg, actors::host& where, actors::engine& parts, router_socket& socket,
               const service_questions& questions, service_counters& counters);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(actors::description& to) override;

private:
  void read();
  void take(routed_message message);

  router_socket& socket_;
  const service_questions& questions_;
  service_counters& counters_;
};

}  // namespace tickcast::feeds
