#include "feeds/egress.hpp"

#include <algorithm>
#include <utility>

#include "feeds/egress_encoding.hpp"
#include "protocol/egress_message.hpp"
#include "protocol/topic.hpp"

namespace tickcast::feeds {
namespace {

using namespace std::chrono_literals;

/// Changes of subscriptions taken in one turn; updates get theirs in between.
constexpr int changes_a_turn = 256;
/// Topics asked of their writers and not answered; more wait, so that a subscription to everything does not
/// hold the ticks up.
constexpr std::size_t most_under_way = 64;
/// How often all topics are gone through, however often somebody subscribes.
constexpr std::chrono::milliseconds review_every = 10ms;
constexpr std::chrono::milliseconds look_every = 1000ms;

/// The topic that a subscription means when it means one alone; empty when it is a prefix.
std::string_view whole_topic(std::string_view prefix) noexcept {
  if (prefix.empty() || prefix.back() != protocol::egress_delimiter) return {};
  return prefix.substr(0, prefix.size() - 1);
}

bool has_prefix_of(const egress_outlet::prefix_set& prefixes, std::string_view text) {
  // Every prefix of `text` is also one of what stands just before it in the set.
  for (;;) {
    auto before = prefixes.upper_bound(text);
    if (before == prefixes.begin()) return false;
    --before;
    if (text.starts_with(*before)) return true;
    const auto end = std::mismatch(text.begin(), text.end(), before->begin(), before->end()).first;
    text = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  }
}

}  // namespace

egress::egress(caf::actor_config& cfg, actors::host& where, actors::engine& parts, egress_outlet& out,
               egress_counters& counters)
    : hosted(cfg, where, parts.probes, {"egress", "egress", "root/services", where.name()}),
      engine_(parts),
      out_(out),
      counters_(counters),
      writers_(parts) {}

egress::behavior_type egress::make_behavior() {
  set_down_handler([this](caf::down_msg& message) {
    writers_.ended(message.source.id());
    ask_successors();
  });
  // Before anybody is asked: the answers go to the post.
  engine_.routes.set_post(engine_.routes.egress_post(), actors::listener_actor(this));
  writers_.refresh(*this);
  version_asked_ = writers_.version();
  for (const auto& prefix : egress_outlet::prefix_set(out_.prefixes())) subscribed(prefix);
  out_.on_changes([this] {
    const caf::strong_actor_ptr keep{ctrl()};
    in_actor([this] { read_changes(); });
  });
  look();
  return {
      [this](const actors::updates& batch) { on_updates(batch); },
      [this](const actors::attached& where) { on_attached(where); },
      [this](const actors::topics_known& topics) { on_known(topics); },
  };
}

void egress::describe_to(actors::description& to) {
  to.add("topics", by_name_.size());
  to.add("prefixes", patterns_.size());
  to.add("watching_all", watching_all_);
  to.add("waiting_to_be_asked", asks_.size());
  to.add("asked_and_unanswered", under_way_);
}

void egress::on_exit() {
  out_.on_changes({});
  writers_.clear();
  slots_.clear();
  by_name_.clear();
  counters_.topics.store(0, std::memory_order_relaxed);
}

// ---- subscribers

void egress::read_changes() {
  for (int taken = 0; taken < changes_a_turn; ++taken) {
    const auto change = out_.next_change();
    if (!change) return;
    if (change->subscribes)
      subscribed(change->prefix);
    else
      unsubscribed(change->prefix);
  }
}

void egress::subscribed(const std::string& prefix) {
  if (const auto name = whole_topic(prefix); !name.empty()) {
    open(std::string(name));
    return;
  }
  if (prefix.find(protocol::egress_delimiter) != std::string::npos) return;  // begins no topic
  if (patterns_.insert(prefix).second) watch(prefix);
  new_patterns_.insert(prefix);
  ++subscriptions_;
  review_soon();
}

void egress::unsubscribed(const std::string& prefix) {
  if (const auto name = whole_topic(prefix); !name.empty()) {
    const auto known = by_name_.find(std::string(name));
    if (known != by_name_.end() && !wanted(prefix)) close(known->second);
    return;
  }
  if (patterns_.erase(prefix) == 0) return;
  new_patterns_.erase(prefix);
  unwatch(prefix);
  closing_some_ = true;
  review_soon();
}

void egress::watch(const std::string& prefix) {
  if (!watching_all_ && watched_.size() < most_watched) {
    watched_.insert(prefix);
    send_watch(prefix);
    return;
  }
  watching_all_ = listing_due_ = true;
}

void egress::send_watch(const std::string& prefix) {
  writers_.refresh(*this);
  writers_.send(
      actors::watch_topics{engine_.routes.egress_post(), {protocol::topic_pattern::kind::prefix, prefix}});
}

void egress::unwatch(const std::string& prefix) {
  const bool was_watched = watched_.erase(prefix) > 0;
  const bool last = patterns_.empty() && std::exchange(watching_all_, false);
  writers_.refresh(*this);
  const auto send = [this](const std::string& which) {
    writers_.send(
        actors::unwatch_topics{engine_.routes.egress_post(), {protocol::topic_pattern::kind::prefix, which}});
  };
  if (was_watched && !(watching_all_ && prefix.empty())) send(prefix);
  if (!last) return;
  listing_due_ = false;
  send("");
}

bool egress::wanted(std::string_view frame) const {
  return has_prefix_of(out_.prefixes(), frame);
}

void egress::review_soon() {
  if (std::exchange(review_scheduled_, true)) return;
  after(review_every, [this] {
    review_scheduled_ = false;
    review();
  });
}

void egress::review() {
  const bool closing = std::exchange(closing_some_, false);
  const auto due = std::exchange(new_patterns_, {});
  for (topic_index index = 0; index < slots_.size(); ++index) {
    const auto* each = slots_[index].open.get();
    if (!each) continue;
    if (closing && !wanted(each->frame))
      close(index);
    else if (each->asked_at < subscriptions_ && has_prefix_of(due, each->frame))
      ask(index);
  }
}

// ---- topics

void egress::on_known(const actors::topics_known& topics) {
  for (const auto& name : *topics.names)
    if (!by_name_.contains(name) && wanted(name + protocol::egress_delimiter)) open(name);
}

void egress::open(const std::string& name) {
  if (const auto known = by_name_.find(name); known != by_name_.end()) {
    ask(known->second);
    return;
  }
  if (!protocol::parse_topic(name)) return;
  topic_index index;
  if (free_slots_.empty()) {
    index = static_cast<topic_index>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[index].generation = actors::writers::new_generation();
  slots_[index].open = std::make_unique<topic>();
  slots_[index].open->name = name;
  slots_[index].open->frame = name + protocol::egress_delimiter;
  by_name_.emplace(name, index);
  counters_.topics.store(by_name_.size(), std::memory_order_relaxed);
  ask(index);
}

void egress::close(topic_index index) {
  auto& of = slots_[index];
  writers_.refresh(*this);
  writers_.send(actors::listen{of.open->name, engine_.routes.egress_post(), ticket(index), 0});
  by_name_.erase(of.open->name);
  of.open.reset();
  free_slots_.push_back(index);
  counters_.topics.store(by_name_.size(), std::memory_order_relaxed);
}

void egress::ask(topic_index index) {
  auto& of = *slots_[index].open;
  of.snapshot_due = true;
  of.asked_at = subscriptions_;
  if (!std::exchange(of.queued, true)) asks_.push_back(index);
  ask_some();
}

void egress::ask_some() {
  while (under_way_ < most_under_way && !asks_.empty()) {
    const auto index = asks_.front();
    asks_.pop_front();
    // The topic was closed meanwhile, or another one has its place and its turn is over.
    if (!slots_[index].open || !std::exchange(slots_[index].open->queued, false)) continue;
    writers_.refresh(*this);
    writers_.send(actors::listen{slots_[index].open->name, engine_.routes.egress_post(), ticket(index),
                                 actors::value_alone});
    ++under_way_;
  }
}

void egress::on_attached(const actors::attached& where) {
  ++answers_;
  if (under_way_ > 0) --under_way_;
  if (auto* of = by_ticket(where.ticket)) {
    const bool moved = of->epoch != where.epoch || of->seq != where.seq ||
                       of->quarantined != where.quarantined || of->symbol_stale != where.symbol_stale;
    of->epoch = where.epoch;
    of->seq = where.seq;
    of->quarantined = where.quarantined;
    of->symbol_stale = where.symbol_stale;
    const bool due = std::exchange(of->snapshot_due, false);
    if ((moved || due) && where.view && has_content(*where.view)) send_snapshot(*of, where);
  }
  ask_some();
}

void egress::on_updates(const actors::updates& batch) {
  out_.look();
  for (const auto& each : *batch.items) {
    auto* of = by_ticket(each.ticket);
    if (!of || of->epoch.empty() || each.what->seq <= of->seq) continue;
    of->seq = each.what->seq;
    out_.send(of->frame, encode({of->name, of->epoch, of->seq}, each.what->change));
  }
}

void egress::send_snapshot(const topic& of, const actors::attached& where) {
  protocol::snapshot_head head;
  head.topic = of.name;
  head.epoch = of.epoch;
  head.seq = of.seq;
  if (const auto* from = feed(where.feed)) {
    head.feed.name = from->name;
    head.feed.state =
        where.quarantined ? protocol::feed_state::quarantined : from->state.load(std::memory_order_relaxed);
    head.feed.simulated = from->simulated;
    head.feed.symbol_stale = where.symbol_stale;
  }
  actors::bump(counters_.snapshots);
  out_.send(of.frame, encode(head, *where.view));
}

// ---- what fails

void egress::look() {
  out_.look();
  // An answer that was lost with its writer must not hold up the others for ever.
  if (std::exchange(answers_seen_, answers_) == answers_) under_way_ = 0;
  ask_some();
  if (std::exchange(listing_due_, false)) send_watch("");
  // A writer that was not there when it was asked had no end that could be told.
  writers_.refresh(*this);
  if (writers_.version() != version_asked_) ask_all();
  after(look_every, [this] { look(); });
}

void egress::ask_successors() {
  if (std::exchange(asking_again_, true)) return;
  after(actors::writers::look_again_after, [this, before = writers_.version()] {
    asking_again_ = false;
    writers_.refresh(*this);
    if (writers_.version() == before) {
      ask_successors();
      return;
    }
    ask_all();
  });
}

void egress::ask_all() {
  version_asked_ = writers_.version();
  for (const auto& prefix : watched_) send_watch(prefix);
  if (watching_all_) send_watch("");
  // A topic that stands where it stood needs no snapshot.
  for (topic_index index = 0; index < slots_.size(); ++index)
    if (auto* each = slots_[index].open.get(); each && !std::exchange(each->queued, true))
      asks_.push_back(index);
  under_way_ = 0;
  ask_some();
}

std::uint64_t egress::ticket(topic_index index) const noexcept {
  return (static_cast<std::uint64_t>(slots_[index].generation) << 32) | index;
}

egress::topic* egress::by_ticket(std::uint64_t ticket) noexcept {
  const auto index = static_cast<topic_index>(ticket & 0xffffffffU);
  if (index >= slots_.size() || slots_[index].generation != ticket >> 32) return nullptr;
  return slots_[index].open.get();
}

const actors::feed_entry* egress::feed(std::uint16_t id) {
  if (id == actors::no_feed) return nullptr;
  if (id >= feeds_.size()) feeds_ = std::as_const(engine_.feeds).all();
  return feeds_[id];
}

}  // namespace tickcast::feeds
