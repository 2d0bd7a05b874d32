#include "plugins/kit/bar_former.hpp"

#include <algorithm>

namespace tickcast::plugins {

std::optional<protocol::interval> made_of(std::string_view name, protocol::interval::source source) {
  using protocol::interval;
  const auto parsed = protocol::parse_interval(name);
  if (!parsed) return std::nullopt;
  auto result = *parsed;
  const bool needs_sizes = result.by == interval::unit::volume || result.by == interval::unit::value;
  if (result.of == interval::source::trades && !needs_sizes) result.of = source;
  return result;
}

void bar_former::take(const bar_tick& next, analytics::session_cursor& sessions, std::int64_t now_ns,
                      std::vector<protocol::bar>& tell) {
  using effect = analytics::bar_builder::effect;
  const auto step = builder_.plan(next.time_ns, next.price, next.size, next.number, next.newest_ns, sessions);
  if (!step || step->does == effect::left_out) return;
  const bool begins = step->does == effect::begins;
  if (step->does == effect::revises || step->does == effect::inserts) {
    tell.push_back(builder_.after(next.time_ns, next.price, next.size, next.number, *step));
    builder_.commit(next.time_ns, next.price, next.size, next.number, *step);
    return;
  }
  if (begins && (step->closes || waiting_)) tell.push_back(builder_.as_closed());
  builder_.commit(next.time_ns, next.price, next.size, next.number, *step);
  waiting_ = !(step->completes || begins || now_ns - pushed_ns_ >= push_ns_);
  if (waiting_) return;
  pushed_ns_ = now_ns;
  tell.push_back(*builder_.newest());
}

std::int64_t bar_former::due_ns() const noexcept {
  const auto closes = clock_close_ ? builder_.closes_at() : never;
  return waiting_ ? std::min(closes, pushed_ns_ + push_ns_) : closes;
}

void bar_former::look(std::int64_t now_ns, std::vector<protocol::bar>& tell) {
  if (clock_close_ && builder_.closes_at() <= now_ns) {
    tell.push_back(builder_.as_closed());
    builder_.close();
  } else if (waiting_ && pushed_ns_ + push_ns_ <= now_ns) {
    tell.push_back(*builder_.newest());
  } else {
    return;
  }
  pushed_ns_ = now_ns;
  waiting_ = false;
}

}  // namespace tickcast::plugins
