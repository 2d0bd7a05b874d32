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

void tick_load::add(std::uint32_t symbol_id, const protocol::trade& value) {
  auto id = static_cast<std::int64_t>(value.id.number);
  if (value.id.is == protocol::trade_id::kind::text) {
    id = static_cast<std::int64_t>(texts_.size());
    texts_.push_back(value.id.text);
  }
  items.push_back({value.time_ns,
                   {value.price.mantissa(), value.size.mantissa(), id, 0},
                   {scale_of(value.price), scale_of(value.size), 0, 0},
                   symbol_id,
                   tick_kind::trade,
                   value.aggressor,
                   value.id.is});
}

void tick_load::add(std::uint32_t symbol_id, const protocol::quote& value) {
  items.push_back(
      {value.time_ns,
       {value.bid.mantissa(), value.bid_size.mantissa(), value.ask.mantissa(), value.ask_size.mantissa()},
       {scale_of(value.bid), scale_of(value.bid_size), scale_of(value.ask), scale_of(value.ask_size)},
       symbol_id,
       tick_kind::quote,
       {},
       {}});
}

void tick_load::add(std::uint32_t symbol_id, fed_bar&& value) {
  items.push_back({value.value.time_ns,
                   {0, 0, static_cast<std::int64_t>(bars_.size()), 0},
                   {},
                   symbol_id,
                   tick_kind::bar,
                   {},
                   {}});
  bars_.push_back(std::move(value));
}

protocol::trade tick_load::trade_of(const tick& packed) const {
  protocol::trade result{packed.time_ns, decimal_at(packed, 0), decimal_at(packed, 1), packed.aggressor, {}};
  result.id.is = packed.id_is;
  if (packed.id_is == protocol::trade_id::kind::text)
    result.id.text = texts_[index_of(packed)];
  else
    result.id.number = static_cast<std::uint64_t>(packed.mantissas[2]);
  return result;
}

protocol::quote tick_load::quote_of(const tick& packed) noexcept {
  return {packed.time_ns, decimal_at(packed, 0), decimal_at(packed, 1), decimal_at(packed, 2),
          decimal_at(packed, 3)};
}

}  // namespace tickcast::actors
