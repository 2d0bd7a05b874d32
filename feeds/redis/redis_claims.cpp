#include "feeds/redis/redis_claims.hpp"

#include <chrono>

#include "actors/runtime/log.hpp"

namespace tickcast::feeds {

redis_claims::redis_claims(caf::actor_config& cfg, actors::engine& parts, redis_calls& calls)
    : observed(cfg, parts.probes, {"redis_claims", "redis_claims", "root/services", "workers"}),
      engine_(parts),
      calls_(calls) {}

redis_claims::behavior_type redis_claims::make_behavior() {
  const actors::call_taker_actor self(this);
  for (const auto& [type, list] : engine_.settings.redis.claims)
    if (const auto other = engine_.claims.claim(type, owner, self))
      actors::log(actors::component::feeds)
          .error("redis.claims: {} is taken by {} already, {} gets none of it", type, *other, list);
  return {[this](const actors::client_call& what) { calls_.put(what, std::chrono::steady_clock::now()); }};
}

void redis_claims::on_exit() {
  for (const auto& [type, list] : engine_.settings.redis.claims) engine_.claims.release(type, owner);
}

void redis_claims::describe_to(actors::description& to) {
  const auto& now = calls_.counters();
  to.add("waiting", now.waiting.load(std::memory_order_relaxed));
  to.add("open_calls", now.open.load(std::memory_order_relaxed));
}

}  // namespace tickcast::feeds
