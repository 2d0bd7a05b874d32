#include "analytics/trade_tape.hpp"

#include <algorithm>

namespace tickcast::analytics {

using protocol::trade_id;

trade_tape::entry trade_tape::at(std::uint64_t number) const noexcept {
  const auto& from = slots_[index(number)];
  return {number,
          from.time_ns,
          protocol::decimal::from_lowest(from.price, from.price_scale),
          protocol::decimal::from_lowest(from.size, from.size_scale),
          from.left_out_of,
          (from.id_is & cancelled_bit) != 0};
}

void trade_tape::make_room(const protocol::trade& next) {
  if (pushed_ == slots_.size() && pushed_ < bound_)
    slots_.resize(std::min(bound_, std::max<std::size_t>(4, slots_.size() * 2)));
  if (next.id.is == trade_id::kind::text || !texts_.empty())
    if (texts_.size() < slots_.size()) texts_.resize(slots_.size());
}

void trade_tape::push(const protocol::trade& next, std::uint32_t left_out_of) noexcept {
  auto& to = slots_[index(pushed_)];
  to.time_ns = next.time_ns;
  to.price = next.price.mantissa();
  to.size = next.size.mantissa();
  to.id_number = next.id.number;
  to.left_out_of = left_out_of;
  to.price_scale = static_cast<std::uint8_t>(next.price.scale());
  to.size_scale = static_cast<std::uint8_t>(next.size.scale());
  to.aggressor = next.aggressor;
  to.id_is = static_cast<std::uint8_t>(next.id.is);
  if (!texts_.empty()) texts_[index(pushed_)] = next.id.text;
  ++pushed_;
}

std::optional<std::uint64_t> trade_tape::find(const trade_id& id) const noexcept {
  for (auto number = end(); number-- > begin();) {
    const auto& each = slots_[index(number)];
    if (static_cast<trade_id::kind>(each.id_is & ~cancelled_bit) != id.is) continue;
    if (id.is == trade_id::kind::text ? *texts_[index(number)] == *id.text : each.id_number == id.number)
      return number;
  }
  return std::nullopt;
}

void trade_tape::cancel(std::uint64_t number) noexcept {
  slots_[index(number)].id_is |= cancelled_bit;
}

void trade_tape::correct(std::uint64_t number, protocol::decimal price, protocol::decimal size) noexcept {
  auto& to = slots_[index(number)];
  to.price = price.mantissa();
  to.size = size.mantissa();
  to.price_scale = static_cast<std::uint8_t>(price.scale());
  to.size_scale = static_cast<std::uint8_t>(size.scale());
}

trade_id trade_tape::id_at(std::uint64_t number) const {
  const auto& from = slots_[index(number)];
  return {static_cast<trade_id::kind>(from.id_is & ~cancelled_bit), from.id_number,
          texts_.empty() ? nullptr : texts_[index(number)]};
}

protocol::trade trade_tape::trade_at(std::uint64_t number) const {
  const auto of = at(number);
  return {of.time_ns, of.price, of.size, slots_[index(number)].aggressor, id_at(number)};
}

std::vector<protocol::trade> trade_tape::last(std::size_t most) const {
  std::vector<protocol::trade> result;
  for (auto number = end(); number-- > begin() && result.size() < most;)
    if (!at(number).cancelled) result.push_back(trade_at(number));
  std::reverse(result.begin(), result.end());
  return result;
}

void trade_tape::save(protocol::byte_writer& to) const {
  to.natural(pushed_);
  to.natural(pushed_ - begin());
  for (auto number = begin(); number != end(); ++number) {
    const auto& each = slots_[index(number)];
    const auto of = at(number);
    to.whole(of.time_ns);
    to.number(of.price);
    to.number(of.size);
    to.natural(of.left_out_of);
    to.natural(static_cast<std::uint64_t>(each.aggressor));
    to.boolean(of.cancelled);
    const auto id = id_at(number);
    to.natural(static_cast<std::uint64_t>(id.is));
    if (id.is == trade_id::kind::number) to.natural(id.number);
    if (id.is == trade_id::kind::text) to.text(*id.text);
  }
}

void trade_tape::load(protocol::byte_reader& from) {
  *this = trade_tape(bound_);
  const auto pushed = from.natural();
  const auto kept = from.natural_to(pushed);
  // Numbers go on; what is older than what was kept stands nowhere.
  pushed_ = first_ = pushed - kept;
  if (pushed_ > 0) slots_.resize(bound_);
  for (std::uint64_t i = 0; i < kept && from.ok(); ++i) {
    protocol::trade next;
    next.time_ns = from.whole();
    next.price = from.number();
    next.size = from.number();
    const auto left_out_of = static_cast<std::uint32_t>(from.natural_to(0xffff'ffff));
    next.aggressor = static_cast<protocol::side>(from.natural_to(2));
    const bool cancelled = from.boolean();
    next.id.is = static_cast<trade_id::kind>(from.natural_to(2));
    if (next.id.is == trade_id::kind::number) next.id.number = from.natural();
    if (next.id.is == trade_id::kind::text) next.id.text = std::make_shared<const std::string>(from.text());
    make_room(next);
    push(next, left_out_of);
    if (cancelled) cancel(pushed_ - 1);
  }
}

}  // namespace tickcast::analytics
