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
  const auto id = packed_id(value.id);
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

void tick_load::add(std::uint32_t symbol_id, const protocol::trade_amendment& value) {
  const auto id = packed_id(value.id);
  auto& made = items.emplace_back();
  made.time_ns = value.time_ns;
  made.mantissas = {value.price.mantissa(), value.size.mantissa(), id, 0};
  made.scales = {scale_of(value.price), scale_of(value.size), 0, 0};
  made.symbol_id = symbol_id;
  made.kind = value.cancels ? tick_kind::cancel : tick_kind::correct;
  made.id_is = value.id.is;
}

std::int64_t tick_load::packed_id(const protocol::trade_id& id) {
  if (id.is != protocol::trade_id::kind::text) return static_cast<std::int64_t>(id.number);
  texts_.push_back(id.text);
  return static_cast<std::int64_t>(texts_.size() - 1);
}

protocol::trade_amendment tick_load::amendment_of(const tick& packed) const {
  protocol::trade_id id{packed.id_is, 0, nullptr};
  if (packed.id_is == protocol::trade_id::kind::text)
    id.text = texts_[index_of(packed)];
  else
    id.number = static_cast<std::uint64_t>(packed.mantissas[2]);
  return {std::move(id), packed.time_ns, packed.kind == tick_kind::cancel, decimal_at(packed, 0),
          decimal_at(packed, 1)};
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
