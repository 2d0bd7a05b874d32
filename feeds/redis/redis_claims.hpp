#pragma once
#include <string>
#include <vector>

#include "actors/actors.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/topics/engine.hpp"
#include "actors/users/claim_board.hpp"
#include "feeds/redis/redis_calls.hpp"

namespace tickcast::feeds {

/// Claims the types of redis.claims and puts what clients send into the waiting room before Redis. On the
/// workers.
class redis_claims final : public actors::observed<actors::call_taker_actor::base> {
public:
  /// Who claims types, as the claim board shows it.
  static constexpr const char* owner = "redis";

  /// Both outlive it.
  redis_claims(caf::actor_config& cfg, actors::engine& parts, redis_calls& calls);

  const char* name() const override { return "redis_claims"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(actors::description& to) override;

private:
  actors::engine& engine_;
  redis_calls& calls_;
};

}  // namespace tickcast::feeds
