#include "actors/topics/quote_topic.hpp"

#include <fmt/format.h>

namespace tickcast::actors {
namespace {

std::string id_text(const protocol::trade_id& id) {
  using kind = protocol::trade_id::kind;
  if (id.is == kind::none) return "none";
  return id.is == kind::number ? std::to_string(id.number) : *id.text;
}

}  // namespace

quote_topic::quote_topic(caf::actor_config& cfg, host& where, engine& parts, quote_state& state,
                         std::uint64_t restarts)
    : hosted(cfg, where, parts.probes,
             {"quote topic", state.of().name, "root/shards/" + where.name() + "/dispatcher", where.name()}),
      state_(state) {
  own_probe().received_elsewhere = &state.ticks();
  own_probe().sent_elsewhere = &state.published();
  own_probe().restarts = restarts;
  state_.set_traced(false);
}

quote_topic::behavior_type quote_topic::make_behavior() {
  return {[](caf::unit_t) {}};
}

void quote_topic::describe_to(description& to) {
  to.add("symbol", state_.of().name);
  to.add("epoch", state_.epoch());
  to.add("feed", state_.owner().name);
  to.add("feed_state", protocol::to_string(state_.owner().state.load(std::memory_order_relaxed)));
  to.add("late_trades", state_.late());
  to.add("waiting_bars", state_.has_waiting_bars());
  state_.each_stream([&](const stream& each) {
    to.add(each.topic(), fmt::format("seq {}, {} {}", each.seq(), each.listeners().size(),
                                     each.listeners().size() == 1 ? "listener" : "listeners"));
  });
}

void quote_topic::show(const tick_load& load, const tick& what, const protocol::trade& trade) {
  const auto& from = load.from().name;
  switch (what.kind) {
    case tick_kind::trade:
      return note("trade", fmt::format("price {} size {} id {} time {} from {}", trade.price.to_string(),
                                       trade.size.to_string(), id_text(trade.id), trade.time_ns, from));
    case tick_kind::quote: {
      const auto quote = tick_load::quote_of(what);
      return note("quote", fmt::format("bid {} x {} ask {} x {} from {}", quote.bid.to_string(),
                                       quote.bid_size.to_string(), quote.ask.to_string(),
                                       quote.ask_size.to_string(), from));
    }
    case tick_kind::bar:
      return note("bar", "from " + from);
    case tick_kind::cancel:
      return note("trade_cancel", fmt::format("id {} from {}", id_text(load.amendment_of(what).id), from));
    case tick_kind::correct: {
      const auto now = load.amendment_of(what);
      return note("trade_correct", fmt::format("id {} price {} size {} from {}", id_text(now.id),
                                               now.price.to_string(), now.size.to_string(), from));
    }
  }
}

}  // namespace tickcast::actors
