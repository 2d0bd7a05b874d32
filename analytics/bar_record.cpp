#include "analytics/bar_record.hpp"

#include <cassert>

namespace tickcast::analytics {

bool bar_record::has_room_for(const bar_input& next) const noexcept {
  if (!volume_.has_room_for(next.size)) return false;
  auto value = value_;
  return value.add_product(next.price, next.size) && value.fits_rounded();
}

void bar_record::add(const bar_input& next) noexcept {
  if (trades_ == 0) {
    open_ = high_ = low_ = close_ = next.price;
    first_place_ = last_place_ = next.place;
  } else {
    if (next.price > high_) high_ = next.price;
    if (next.price < low_) low_ = next.price;
    if (next.place >= last_place_) {
      close_ = next.price;
      last_place_ = next.place;
    } else if (next.place < first_place_) {
      open_ = next.price;
      first_place_ = next.place;
    }
  }
  ++trades_;
  volume_.add_what_has_room(next.size);
  [[maybe_unused]] const bool added = value_.add_product(next.price, next.size);
  assert(added);
  revise();
}

bool bar_record::has_inside(const bar_input& gone) const noexcept {
  // Of several with the first or the last place it is not known which one is meant.
  return gone.place > first_place_ && gone.place < last_place_ && gone.price < high_ && gone.price > low_;
}

void bar_record::take_back(const bar_input& gone) noexcept {
  --trades_;
  [[maybe_unused]] bool taken = volume_.subtract(gone.size);
  assert(taken);
  taken = value_.subtract_product(gone.price, gone.size);
  assert(taken);
}

void bar_record::replace_by(const bar_record& now) noexcept {
  const auto before = *this;
  *this = now;
  span_ = before.span_;
  set_state(before.closed_, before.rev_);
  if (trades_ == 0) {
    open_ = before.open_;
    high_ = before.high_;
    low_ = before.low_;
    close_ = before.close_;
  }
  revise();
}

protocol::bar bar_record::bar() const noexcept {
  // has_room_for() lets nothing in that does not fit.
  constexpr protocol::decimal none;
  return {span_.time_ns, open_,   high_,
          low_,          close_,  volume_.value().value_or(none),
          trades_,       closed_, value_.rounded().value_or(none),
          rev_};
}

void bar_record::set_prices(const protocol::bar& seen) noexcept {
  open_ = seen.open;
  high_ = seen.high;
  low_ = seen.low;
  close_ = seen.close;
  closed_ = seen.closed;
  rev_ = seen.rev;
}

void bar_record::save(protocol::byte_writer& to) const {
  to.whole(span_.time_ns);
  to.whole(span_.end_ns);
  to.whole(span_.from_ns);
  to.whole(span_.until_ns);
  to.whole(first_place_);
  to.whole(last_place_);
  to.natural(trades_);
  for (const auto& price : {open_, high_, low_, close_}) to.number(price);
  to.sum(volume_);
  to.sum(value_);
  to.natural(rev_);
  to.boolean(closed_);
}

bar_record bar_record::load(protocol::byte_reader& from) {
  bar_record result;
  result.span_.time_ns = from.whole();
  result.span_.end_ns = from.whole();
  result.span_.from_ns = from.whole();
  result.span_.until_ns = from.whole();
  result.first_place_ = from.whole();
  result.last_place_ = from.whole();
  result.trades_ = from.natural();
  for (auto* price : {&result.open_, &result.high_, &result.low_, &result.close_}) *price = from.number();
  result.volume_ = from.sum();
  result.value_ = from.sum();
  result.rev_ = static_cast<std::uint32_t>(from.natural_to(0xffff'ffff));
  result.closed_ = from.boolean();
  return result;
}

}  // namespace tickcast::analytics
