#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

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
  void on_exit() override;
  void describe_to(description& to) override;

private:
  void keep(const std::string& key, const std::string& record, const std::function<void(bool)>& then);
  void sync();
  void look();

  engine& engine_;
  store::tick_store& store_;
  store::lane& lane_;
  std::vector<std::function<void(bool)>> waiting_;  ///< for the next sync
  std::vector<std::function<void(bool)>> syncing_;  ///< for the one under way
  store::condition::state told_ = store::condition::state::ok;
};

}  // namespace tickcast::actors
