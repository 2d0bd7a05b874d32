#pragma once
#include <memory>
#include <string>

#include "actors/actors.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/topics/engine.hpp"
#include "store/store.hpp"

namespace tickcast::actors {

/// The actor before the store (see actors.hpp). On the workers; its handlers never wait for a disk.
class storage final : public observed<storage_actor::base> {
public:
  static constexpr std::chrono::milliseconds look_every{250};

  /// `lane`: this actor's alone; it and `what` outlive the actor.
  storage(caf::actor_config& cfg, engine& parts, store::tick_store& what, store::lane& lane);

  const char* name() const override { return "storage"; }

protected:
  behavior_type make_behavior() override;
  void describe_to(description& to) override;

private:
  void keep(const keep_event& event);
  void look();

  store::tick_store& store_;
  store::lane& lane_;
  store::condition::state told_ = store::condition::state::ok;
};

}  // namespace tickcast::actors
