#include "feeds/egress_room.hpp"

#include "actors/runtime/log.hpp"
#include "feeds/egress.hpp"
#include "feeds/from_config.hpp"

namespace tickcast::feeds {

egress_room::egress_room(actors::engine& parts, caf::actor_system& system, zmq::context_t& context,
                         std::shared_ptr<curve_gate> gate)
    : engine_(parts),
      outlet_(context, xpub_options_from(parts.settings.egress), counters_, std::move(gate)),
      host_(system, "egress", outlet_) {
  actors::log(actors::component::feeds).info("egress publishes on {}", endpoint());
}

actors::child_spec egress_room::child() {
  return {.id = "egress", .start = [this] {
            const auto made =
                actors::spawn_on<egress>(host_, std::ref(engine_), std::ref(outlet_), std::ref(counters_));
            engine_.routes.set_post(engine_.routes.egress_post(), made);
            return caf::actor_cast<caf::actor>(made);
          }};
}

void egress_room::read_metrics(actors::metric_writer& to) const {
  const auto value = [](const std::atomic<std::uint64_t>& of) {
    return static_cast<double>(of.load(std::memory_order_relaxed));
  };
  const auto& c = counters_;
  to.counter("tickcast_egress_messages_total", "Messages handed to ZeroMQ, once for all subscribers.", {},
             value(c.messages));
  to.counter("tickcast_egress_bytes_total", "Bytes of those messages, both frames.", {}, value(c.bytes));
  to.counter("tickcast_egress_snapshots_total", "Messages of them that are snapshots.", {},
             value(c.snapshots));
  to.gauge("tickcast_egress_topics", "Topics that are passed on.", {}, value(c.topics));
  to.gauge("tickcast_egress_subscriptions", "Different prefixes that somebody subscribes to.", {},
           value(c.subscriptions));
  to.counter("tickcast_egress_refused_subscriptions_total", "Subscriptions beyond what is kept.", {},
             value(c.refused));
  to.counter("tickcast_egress_full_total",
             "Messages that found a subscriber's queue full, where it begins to lose.", {}, value(c.full));
  to.counter("tickcast_egress_drops_total",
             "Messages sent while a subscriber was behind: at most so many are lost to it.", {},
             value(c.drops));
  to.gauge("tickcast_egress_behind", "1 while a subscriber is behind and loses messages.", {},
           value(c.behind));
}

}  // namespace tickcast::feeds
