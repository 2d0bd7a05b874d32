#include "actors/topics/tick.hpp"

#include <utility>

namespace tickcast::actors {
namespace {

std::uint8_t scale_of(protocol::decimal value) noexcept {
  return static_cast<std::uint8_t>(value.scale());
}

protocol::decimal decimal_at(const tick& packed, std::size_t i) noexcept {
  return protocol::decimal::from_lowest(packed.mantissas[i], packed.scales[i]);
}

}  // namespace

// Field by field into the tick's own place: a tick made elsewhere would be read in one piece right after it
// was written in several, which waits for every write under way.

void tick_load::add(std::uint32_t symbol_id, const protocol::trade& value) {
  auto id = static_cast<std::int64_t>(value.id.number);
  if (value.id.is == protocol::trade_id::kind::text) {
    id = static_cast<std::int64_t>(texts_.size());
    texts_.push_back(value.id.text);
  }
  auto& made = items.emplace_back();
  made.time_ns = value.time_ns;
  made.mantissas[0] = value.price.mantissa();
  made.mantissas[1] = value.size.mantissa();
  made.mantissas[2] = id;
  made.scales[0] = scale_of(value.price);
  made.scales[1] = scale_of(value.size);
  made.symbol_id = symbol_id;
  made.kind = tick_kind::trade;
  made.aggressor = value.aggressor;
  made.id_is = value.id.is;
}

void tick_load::add(std::uint32_t symbol_id, const protocol::quote& value) {
  auto& made = items.emplace_back();
  made.time_ns = value.time_ns;
  made.symbol_id = symbol_id;
  made.kind = tick_kind::quote;
  std::size_t i = 0;
  for (const auto& each : {value.bid, value.bid_size, value.ask, value.ask_size}) {
    made.mantissas[i] = each.mantissa();
    made.scales[i++] = scale_of(each);
  }
}

void tick_load::add(std::uint32_t symbol_id, fed_bar&& value) {
  auto& made = items.emplace_back();
  made.time_ns = value.value.time_ns;
  made.mantissas[2] = static_cast<std::int64_t>(bars_.size());
  made.symbol_id = symbol_id;
  made.kind = tick_kind::bar;
  bars_.push_back(std::move(value));
}

void tick_load::unpack(const tick& packed, protocol::trade& to) const {
  if (packed.kind != tick_kind::trade) return;
  to.time_ns = packed.time_ns;
  to.price = decimal_at(packed, 0);
  to.size = decimal_at(packed, 1);
  to.aggressor = packed.aggressor;
  to.id.is = packed.id_is;
  const bool has_text = packed.id_is == protocol::trade_id::kind::text;
  to.id.number = has_text ? 0 : static_cast<std::uint64_t>(packed.mantissas[2]);
  if (has_text)
    to.id.text = texts_[index_of(packed)];
  else if (to.id.text)
    to.id.text = nullptr;
}

protocol::quote tick_load::quote_of(const tick& packed) noexcept {
  return {packed.time_ns, decimal_at(packed, 0), decimal_at(packed, 1), decimal_at(packed, 2),
          decimal_at(packed, 3)};
}

}  // namespace tickcast::actors
