#include "actors/topics/local_topic.hpp"

namespace tickcast::actors {
namespace {

topic_view empty_view(protocol::topic_kind kind) {
  switch (kind) {
    case protocol::topic_kind::trade:
      return trade_view{};
    case protocol::topic_kind::quote:
      return quote_view{};
    case protocol::topic_kind::bar:
      return bar_view{};
    case protocol::topic_kind::indicator:
      return indicator_view{};
    default:
      return event_view{};
  }
}

}  // namespace

local_topic::local_topic(std::string name, const protocol::topic_name& parsed, access::topic_form form,
                         const protocol::field_mask* mask)
    : name_(std::move(name)), form_(form), mask_(mask), view_(empty_view(parsed.kind)) {}

bool local_topic::take_position(const std::string& epoch, std::uint64_t seq, const topic_view* view,
                                bool quarantined, bool symbol_stale) {
  const bool first = !known_;
  const bool same =
      epoch == epoch_ && seq == seq_ && quarantined == quarantined_ && symbol_stale == symbol_stale_;
  known_ = true;
  epoch_ = epoch;
  seq_ = seq;
  quarantined_ = quarantined;
  symbol_stale_ = symbol_stale;
  if (view) view_ = *view;
  forget_snapshots();
  return !first && !same;
}

bool local_topic::take_update(const update& what) {
  if (!known_ || what.seq <= seq_) return false;
  seq_ = what.seq;
  apply(view_, what.seq, what.change);
  forget_snapshots();
  return true;
}

const protocol::frame_ptr& local_topic::snapshot(protocol::encoding as, std::uint64_t board_version) {
  if (board_version != board_version_) forget_snapshots();
  board_version_ = board_version;
  auto& kept = snapshots_[protocol::index(as)];
  if (!kept) {
    protocol::snapshot_head head;
    head.topic = name_;
    head.epoch = epoch_;
    head.seq = seq_;
    head.delayed_ms = form_.delay_ms;
    if (feed_) {
      head.feed.name = feed_->name;
      head.feed.state =
          quarantined_ ? protocol::feed_state::quarantined : feed_->state.load(std::memory_order_relaxed);
      head.feed.simulated = feed_->simulated;
      head.feed.symbol_stale = symbol_stale_;
    }
    kept = encode(as, head, view_);
    if (mask_) kept = protocol::mask_snapshot(as, *kept, *mask_);
  }
  return kept;
}

protocol::frame_ptr local_topic::encode_update(protocol::encoding as, std::uint64_t seq,
                                               const topic_change& change) const {
  auto whole = encode(as, name_, seq, change);
  return mask_ ? protocol::mask_update(as, *whole, *mask_) : whole;
}

std::shared_ptr<const update> local_topic::as_variant(const update& what) const {
  auto made = std::make_shared<update>();
  made->seq = what.seq;
  made->feed = what.feed;
  made->taken_ns = what.taken_ns;
  made->origin = what.origin;
  made->change = what.change;
  const auto classes = needed();
  for (std::size_t i = 0; i < protocol::encoding_count; ++i) {
    const auto as = static_cast<protocol::encoding>(i);
    if (classes & class_bit(as)) made->frames[i] = encode_update(as, what.seq, what.change);
  }
  return made;
}

const std::deque<kept_event>* local_topic::missed_since(const protocol::last_seen& seen) const noexcept {
  const auto* events = std::get_if<event_view>(&view_);
  if (!events || !events->recoverable || seen.epoch != epoch_ || seen.seq > seq_) return nullptr;
  if (seen.seq == seq_) return &events->kept;
  return !events->kept.empty() && events->kept.front().seq <= seen.seq + 1 ? &events->kept : nullptr;
}

class_mask local_topic::needed() const noexcept {
  class_mask result = variants.empty() ? class_mask{0} : value_alone;
  for (const auto& each : subscribers)
    if (each.is != standing::gone) result |= class_bit(each.as);
  return result;
}

}  // namespace tickcast::actors
