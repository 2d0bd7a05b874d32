#pragma once
#include "actors/actors.hpp"
#include "actors/runtime/hosted.hpp"
#include "actors/topics/engine.hpp"

namespace tickcast::actors {

/// The actor of one symbol. Its dispatcher calls it for every tick, on the same thread, without a message;
/// what it throws ends it alone, and the next one starts from the state that stays with the dispatcher.
class quote_topic final : public hosted<quote_topic_actor::base> {
public:
  quote_topic(caf::actor_config& cfg, host& where, engine& parts, quote_state& state);

  /// Takes one tick. May throw: then nothing has changed and the caller must call fail().
  taken take(const tick& what, const feed_entry& from, const turn& now) {
    bump(state_.ticks);
    if (engine_.fault) engine_.fault(what);
    if (const auto* trade = std::get_if<protocol::trade>(&what.what)) return state_.take(*trade, from, now);
    if (const auto* quote = std::get_if<protocol::quote>(&what.what)) return state_.take(*quote, from, now);
    return state_.take(*std::get<std::shared_ptr<const fed_bar>>(what.what), from, now);
  }

protected:
  behavior_type make_behavior() override;

private:
  engine& engine_;
  quote_state& state_;
};

}  // namespace tickcast::actors
