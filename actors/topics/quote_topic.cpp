#include "actors/topics/quote_topic.hpp"

namespace tickcast::actors {

quote_topic::quote_topic(caf::actor_config& cfg, host& where, engine& parts, quote_state& state)
    : hosted(cfg, where, parts.probes, {"quote topic", state.of().name, "dispatcher", where.name()}) {
  own_probe().received_elsewhere = &state.ticks();
}

quote_topic::behavior_type quote_topic::make_behavior() {
  return {[](caf::unit_t) {}};
}

}  // namespace tickcast::actors
