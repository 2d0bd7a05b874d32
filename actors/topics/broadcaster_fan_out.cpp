#include <algorithm>
#include <chrono>

#include "actors/clients/connection.hpp"
#include "actors/topics/broadcaster.hpp"
#include "protocol/client_message.hpp"

// The broadcaster's other half: updates on their way to the clients' queues.
namespace tickcast::actors {
namespace {

/// How many subscribers before its turn each step towards a client's queue is asked for.
constexpr std::size_t farthest = 8;
constexpr std::size_t far = 6;
constexpr std::size_t near = 4;
constexpr std::size_t nearest = 2;

/// What is older, or younger, was recorded or has no clock: its age says nothing.
constexpr std::int64_t live_ns = 3'600'000'000'000;

/// The venue's time of a trade or quote, ns UTC; 0 for what has none.
std::int64_t own_time_ns(const topic_change& change) noexcept {
  if (const auto* trade = std::get_if<trade_change>(&change)) return trade->value.time_ns;
  if (const auto* quote = std::get_if<protocol::quote>(&change)) return quote->time_ns;
  return 0;
}

void note_age(broadcaster_counters& to, const topic_change& change, std::int64_t utc_ns) noexcept {
  const auto time = own_time_ns(change);
  if (time == 0) return;
  if (time < utc_ns - live_ns || time > utc_ns + live_ns)
    bump(to.ages_left_out);
  else
    to.message_age.add(utc_ns - time);
}

}  // namespace

void broadcaster::on_updates(const updates& batch) {
  const auto now = std::chrono::nanoseconds(where().now().time_since_epoch()).count();
  const auto utc = std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
  for (const auto& each : *batch.items) {
    topic_index topic;
    auto* slot = by_ticket(each.ticket, topic);
    if (!slot || !slot->topic->take_update(*each.what)) continue;
    if (const auto* from = feed(each.what->feed)) slot->topic->set_feed(from);
    bump(counters_.updates);
    bump(counters_.updates_of[kind_of(each.what->change)]);
    note_age(counters_, each.what->change, utc);
    counters_.tick_to_queue.add(now - each.what->taken_ns);
    where().note_taken(each.what->taken_ns);
    if (!slot->topic->variants.empty()) {
      pass_update(topic, *each.what, batch.credit);
      if (!(slot = by_ticket(each.ticket, topic))) continue;
    }
    start({topic, each.what, batch.credit, 0, slot->topic->subscribers.size()});
  }
}

void broadcaster::announce(const announcement& what, std::size_t next) {
  // Who comes meanwhile may get it or not; one that leaves moves the last one to its place, which must not be
  // left out: the list is walked from its end.
  const auto left = next == 0 ? all_.size() : std::min(next, all_.size());
  const auto stop = left - std::min<std::size_t>(left, engine_.settings.io.chunk);
  for (auto i = left; i > stop; --i) {
    auto& who = all_[i - 1];
    if (!who.is_welcome()) continue;
    who.deliver((*what.frames)[protocol::index(who.encoding())]);
    bump(counters_.announced);
  }
  if (stop > 0) later([this, what, stop] { announce(what, stop); });
}

void broadcaster::start(fan_out job) {
  ++slots_[job.topic].topic->fan_outs;
  // What comes later waits behind what is under way, so that nobody gets a topic's updates out of order.
  if (fan_outs_.empty() && advance(job)) {
    end_fan_out(job.topic);
    return;
  }
  fan_outs_.push_back(std::move(job));
  if (!std::exchange(going_on_, true)) later([this] { go_on(); });
}

void broadcaster::go_on() {
  going_on_ = false;
  if (fan_outs_.empty()) return;
  if (advance(fan_outs_.front())) {
    const auto topic = fan_outs_.front().topic;
    fan_outs_.pop_front();
    end_fan_out(topic);
  }
  if (!fan_outs_.empty() && !std::exchange(going_on_, true)) later([this] { go_on(); });
}

void broadcaster::look_ahead(const local_topic& of, std::size_t next) const noexcept {
  // `next` may lie before the first subscriber: unsigned sums come round to where they shall.
  const auto& all = of.subscribers;
  if (const auto i = next + farthest; i < all.size()) __builtin_prefetch(&seats_[all[i].seat]);
  if (const auto i = next + far; i < all.size() && seats_[all[i].seat].who)
    seats_[all[i].seat].who->expect_delivery();
  if (const auto i = next + near; i < all.size() && seats_[all[i].seat].who)
    seats_[all[i].seat].who->expect_delivery_soon();
  if (const auto i = next + nearest; i < all.size() && seats_[all[i].seat].who)
    seats_[all[i].seat].who->expect_delivery_next();
}

bool broadcaster::advance(fan_out& job) {
  auto& of = *slots_[job.topic].topic;
  const auto chunk = engine_.settings.io.chunk;
  const auto stop = std::min(job.end, job.next + chunk);
  if (!job.what) {
    for (; job.next < stop; ++job.next)
      if (auto& to = of.subscribers[job.next]; to.is == standing::live) send_snapshot(job.topic, to);
    return job.next == job.end;
  }
  auto frames = job.what->frames;
  for (std::size_t ahead = 0; ahead < farthest; ++ahead) look_ahead(of, job.next - farthest + ahead);
  std::uint64_t delivered = 0;
  for (; job.next < stop; ++job.next) {
    look_ahead(of, job.next);
    auto& to = of.subscribers[job.next];
    if (!to.wants(job.what->seq)) continue;
    if (job.what->origin != 0 && seats_[to.seat].who->id() == job.what->origin) [[unlikely]]
      continue;
    auto& frame = frames[protocol::index(to.as)];
    // Somebody began to listen in this encoding after the writer had made the update.
    if (!frame) frame = of.encode_update(to.as, job.what->seq, job.what->change);
    if (seats_[to.seat].who->deliver(frame) == sent::over_budget)
      fall_behind(to, job.topic, job.what->seq);
    else
      ++delivered;
  }
  bump(counters_.deliveries, delivered);
  bump(counters_.deliveries_of[kind_of(job.what->change)], delivered);
  return job.next == job.end;
}

void broadcaster::end_fan_out(topic_index topic) {
  auto& of = *slots_[topic].topic;
  if (--of.fan_outs > 0) return;
  if (!of.swept) {
    std::erase_if(of.subscribers, [](const subscriber& each) { return each.is == standing::gone; });
    of.swept = true;
  }
  leave_if_unused(topic);
}

bool broadcaster::send_snapshot(topic_index topic, subscriber& to) {
  auto& of = *slots_[topic].topic;
  to.is = standing::live;
  to.live_from = static_cast<std::uint32_t>(of.seq() + 1);
  if (seats_[to.seat].who->deliver(of.snapshot(to.as, engine_.feeds.version())) == sent::over_budget) {
    fall_behind(to, topic, of.seq() + 1);
    return false;
  }
  bump(counters_.snapshots);
  return true;
}

void broadcaster::fall_behind(subscriber& who, topic_index topic, std::uint64_t first_missed) {
  who.is = standing::quiet;
  seats_[who.seat].behind.emplace_back(topic, first_missed);
  bump(counters_.went_quiet);
}

void broadcaster::on_drained(connection& who) {
  if (who.seat == connection::no_seat) return;
  auto behind = std::exchange(seats_[who.seat].behind, {});
  for (std::size_t i = 0; i < behind.size(); ++i) {
    const auto [topic, first_missed] = behind[i];
    auto* to = find_subscriber(topic, who.seat);
    if (!to || to->is != standing::quiet) continue;
    const auto& of = *slots_[topic].topic;
    if (first_missed <= of.seq()) tell_gap(*to, topic, first_missed, of.seq());
    if (send_snapshot(topic, *to)) continue;
    // Full again: the rest waits for the next time the queue has drained.
    auto& rest = seats_[who.seat].behind;
    rest.insert(rest.end(), behind.begin() + static_cast<std::ptrdiff_t>(i) + 1, behind.end());
    return;
  }
}

}  // namespace tickcast::actors
