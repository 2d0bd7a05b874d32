#pragma once
#include <atomic>
#include <memory>
#include <utility>

#include "access/doorkeeper.hpp"
#include "actors/actors.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/topics/engine.hpp"

namespace tickcast::actors {

/// Travels with a sign-in until somebody has answered it. When it is lost on the way (the gatekeeper is just
/// being restarted, the thread that asks backends ends), the last owner answers: try again. Any thread.
class sign_in_passage {
public:
  explicit sign_in_passage(access::doorkeeper::taker to) : to_(std::move(to)) {}
  sign_in_passage(const sign_in_passage&) = delete;
  sign_in_passage& operator=(const sign_in_passage&) = delete;
  ~sign_in_passage();

  void answer(access::verdict verdict);

private:
  access::doorkeeper::taker to_;
  std::atomic<bool> answered_{false};
};

/// The actor that answers who somebody is (see actors.hpp). On the workers: signatures are checked there;
/// what must be asked for elsewhere waits on the doorkeeper's own thread.
class gatekeeper final : public observed<gatekeeper_actor::base> {
public:
  /// `door` outlives the actor.
  gatekeeper(caf::actor_config& cfg, engine& parts, access::doorkeeper& door);

  const char* name() const override { return "gatekeeper"; }

protected:
  behavior_type make_behavior() override;
  void describe_to(description& to) override;

private:
  access::doorkeeper& door_;
};

/// Hands what is shown to the gatekeeper of now. `done` is called once, on any thread.
void ask_gatekeeper(const engine& parts, std::shared_ptr<const access::credentials> shown, bool anew,
                    access::doorkeeper::taker done);

}  // namespace tickcast::actors
