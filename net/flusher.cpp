#include "net/flusher.hpp"

#include <algorithm>

namespace tickcast::net {
namespace {

constexpr double load_that_holds = 0.35;
constexpr double load_that_holds_longest = 0.60;
/// Queues due within this are flushed together: one timer for many.
constexpr std::chrono::microseconds due_slack{250};
/// How many flushes before its own the memory of one is asked for.
constexpr std::size_t flushes_ahead = 2;

}  // namespace

std::chrono::nanoseconds hold_back(double load, std::chrono::nanoseconds longest) noexcept {
  const double share =
      std::clamp((load - load_that_holds) / (load_that_holds_longest - load_that_holds), 0.0, 1.0);
  return std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(longest.count()) * share));
}

flusher::flusher(asio_host& host, const config::config& configuration, shard_counters& counters)
    : host_(host), configuration_(configuration), counters_(counters) {}

void flusher::touch(outbound_queue& queue) {
  if (queue.touched_) return;
  queue.touched_ = true;
  touched_.emplace_back(&queue);
  host_.at_turn_end(*this);
}

void flusher::on_turn_end() {
  const auto now = host_.now();
  const auto hold = hold_back(host_.load(), std::chrono::milliseconds(configuration_.io.hold_ms));
  flushing_.swap(touched_);
  for (std::size_t i = 0; i < flushing_.size(); ++i) {
    if (i + flushes_ahead < flushing_.size()) flushing_[i + flushes_ahead]->expect_flush();
    flush_or_hold(std::move(flushing_[i]), now, hold);
  }
  flushing_.clear();
  note_written(host_.take_taken());
  if (!held_.empty()) set_timer();
  // A flush may have let somebody push again; without this the loop could go to sleep over it.
  if (!touched_.empty()) asio::post(host_.context(), [] {});
}

void flusher::forget() noexcept {
  touched_.clear();
  held_.clear();
}

void flusher::flush_or_hold(queue_ptr&& queue, clock::time_point now, std::chrono::nanoseconds hold) {
  if (hold.count() > 0 && !queue->awaiting_ && now - queue->last_flush_ < hold) {
    counters_.held_flushes.add();
    held_.push_back({queue->last_flush_ + hold, std::move(queue)});
    return;
  }
  queue->touched_ = false;
  queue->flush(now);
}

void flusher::note_written(std::int64_t taken_ns) {
  // What is held counts when the last of it has left.
  if (held_since_ns_ != 0 && (taken_ns == 0 || held_since_ns_ < taken_ns)) taken_ns = held_since_ns_;
  if (taken_ns == 0) return;
  held_since_ns_ = held_.empty() ? 0 : taken_ns;
  if (held_.empty())
    counters_.publish_to_write.add(std::chrono::nanoseconds(host_.now().time_since_epoch()).count() -
                                   taken_ns);
}

void flusher::set_timer() {
  if (std::exchange(timer_set_, true)) return;
  const auto first = std::min_element(held_.begin(), held_.end(),
                                      [](const held_queue& a, const held_queue& b) { return a.due < b.due; });
  host_.after(std::max(first->due - host_.now(), clock::duration::zero()), [this] { release(); });
}

void flusher::release() {
  timer_set_ = false;
  const auto now = host_.now();
  releasing_.swap(held_);
  for (std::size_t i = 0; i < releasing_.size(); ++i) {
    if (i + flushes_ahead < releasing_.size()) releasing_[i + flushes_ahead].queue->expect_flush();
    auto& entry = releasing_[i];
    if (entry.due > now + due_slack) {
      held_.push_back(std::move(entry));
      continue;
    }
    entry.queue->touched_ = false;
    entry.queue->flush(now);
  }
  releasing_.clear();
  note_written(0);
  if (!held_.empty()) set_timer();
}

}  // namespace tickcast::net
