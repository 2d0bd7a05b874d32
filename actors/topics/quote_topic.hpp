#pragma once
#include "actors/actors.hpp"
#include "actors/runtime/hosted.hpp"
#include "actors/topics/engine.hpp"

namespace tickcast::actors {

/// The actor of one symbol. Its dispatcher calls it for every tick, on the same thread, without a message;
/// what it throws ends it alone, and the next one starts from the state that stays with the dispatcher.
class quote_topic final : public hosted<quote_topic_actor::base> {
public:
  /// `restarts`: how many actors this symbol has had before.
  quote_topic(caf::actor_config& cfg, host& where, engine& parts, quote_state& state, std::uint64_t restarts);

  /// How a quote topic takes one tick. May throw: then `state` has not changed and the caller must call
  /// fail(). Static, as the actor itself need not be in the cache for it.
  static taken take(const engine& parts, quote_state& state, const tick_load& load, const tick& what,
                    const protocol::trade& trade, const turn& now) {
    bump(state.ticks());
    switch (what.kind) {
      case tick_kind::trade:
        if (parts.fault) parts.fault(state.of(), trade);
        return state.take(trade, load.from(), now);
      case tick_kind::quote:
        return state.take(tick_load::quote_of(what), load.from(), now);
      case tick_kind::bar:
        return state.take(load.bar_of(what), load.from(), now);
      case tick_kind::cancel:
      case tick_kind::correct:
        break;
    }
    return state.take(load.amendment_of(what), load.from(), now);
  }

  /// By its dispatcher, for some of the ticks: how long one took.
  void took(std::int64_t ns) noexcept { own_probe().times.add(static_cast<std::uint64_t>(ns)); }
  /// By its dispatcher, while somebody traces it.
  void show(const tick_load& load, const tick& what, const protocol::trade& trade);

protected:
  behavior_type make_behavior() override;
  void describe_to(description& to) override;
  void on_trace(bool on) override { state_.set_traced(on); }

private:
  quote_state& state_;
};

}  // namespace tickcast::actors
