#include "actors/topics/symbol_silence.hpp"

#include <algorithm>

#include "actors/topics/quote_state.hpp"

namespace tickcast::actors {

bool symbol_silence::look(const quote_state& of, time_point now) {
  const auto& owner = of.owner();
  if (owner.symbol_stale_ns <= 0 && !is_stale()) return false;
  if (const auto count = of.heard(); count != count_) {
    count_ = count;
    heard_ = now;
  }
  const bool should = should_be_stale(owner, now);
  if (should == is_stale()) return false;
  if (should) {
    stale_at_ = &owner;
    stale_at_->stale_symbols.fetch_add(1, std::memory_order_relaxed);
  } else {
    stale_at_->stale_symbols.fetch_sub(1, std::memory_order_relaxed);
    stale_at_ = nullptr;
  }
  return true;
}

bool symbol_silence::should_be_stale(const feed_entry& owner, time_point now) const {
  if (owner.symbol_stale_ns <= 0 || heard_ == now || !owner.in_session.load(std::memory_order_acquire))
    return false;
  if (is_stale()) return true;
  using state = protocol::feed_state;
  const auto feed_is = owner.state.load(std::memory_order_relaxed);
  // A feed that is not live says so for all its symbols at once.
  if (feed_is != state::live && feed_is != state::gap) return false;
  const auto heard_ns = std::chrono::nanoseconds(heard_.time_since_epoch()).count();
  const auto now_ns = std::chrono::nanoseconds(now.time_since_epoch()).count();
  const auto since = std::max({heard_ns, owner.opened_ns.load(std::memory_order_relaxed),
                               owner.changed_ns.load(std::memory_order_relaxed)});
  return now_ns - since > owner.symbol_stale_ns;
}

}  // namespace tickcast::actors
