#include "feeds/feed_actor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "actors/runtime/log.hpp"

namespace tickcast::feeds {

using protocol::feed_state;

namespace {

constexpr std::string_view started_again = "started again, nothing was heard yet";

/// Rises whenever something is missing between the venue and the topics.
std::uint64_t holes_in(const actors::feed_entry& entry) noexcept {
  return entry.gaps.load(std::memory_order_relaxed) + entry.lost.load(std::memory_order_relaxed);
}

std::string no_peer(const actors::feed_peers& peers) {
  if (peers.connects.load(std::memory_order_relaxed) == 0) return "no peer has answered yet";
  return fmt::format("no peer is connected; the last one was {}", peers.last.get());
}

}  // namespace

feed::feed(caf::actor_config& cfg, actors::engine& parts, feed_thread& what, actors::feed_entry& entry,
           const feed_options& how, const feed_clock& clock)
    : observed(cfg, parts.probes, {"feed", entry.name, how.parent, "workers"}),
      voice_(parts, entry),
      thread_(what),
      entry_(entry),
      options_(how),
      clock_(clock),
      holes_seen_(holes_in(entry)) {}

feed::behavior_type feed::make_behavior() {
  set_exit_handler([this](caf::exit_msg& message) { told_to_end(std::move(message.reason)); });
  begin();
  delayed_send(this, look_every, actors::feed_look{});
  return {
      [this](const actors::feed_ended& last_word) { source_ended(last_word); },
      [this](const actors::feed_look&) {
        look();
        delayed_send(this, look_every, actors::feed_look{});
      },
      [this](const actors::suspend_feed& wish) { suspend(wish.by); },
      [this](const actors::resume_feed& wish) { go_on(wish.by); },
  };
}

void feed::describe_to(actors::description& to) {
  to.add("state", protocol::to_string(entry_.told.load(std::memory_order_relaxed)));
  to.add("reason", std::string_view(entry_.reason.get()));
  to.add("thread", activity_ == activity::runs    ? "reads"
                   : activity_ == activity::rests ? "rests"
                                                  : "has ended");
  to.add("in_session", entry_.in_session.load(std::memory_order_relaxed));
  to.add("stale_symbols", entry_.stale_symbols.load(std::memory_order_relaxed));
  if (!entry_.peers.watched) return;
  to.add("peers", entry_.peers.now.load(std::memory_order_relaxed));
  to.add("last_peer", std::string_view(entry_.peers.last.get()));
}

void feed::begin() {
  const bool again = entry_.since_ns.load(std::memory_order_relaxed) != 0;
  if (again) actors::bump(entry_.restarts);
  if (const auto by = entry_.suspended_by.get(); !by.empty()) {
    start(activity::rests);
    set({feed_state::down, "suspended by " + by});
    return;
  }
  start(activity::runs);
  if (!again) {
    set({feed_state::none, "nothing was heard from it yet"});
    return;
  }
  const auto failure = entry_.failure.get();
  set({feed_state::restarting,
       failure.empty() ? std::string(started_again) : "started again after it failed: " + failure});
}

// ---- the source

void feed::start(activity what) {
  started_ns_ = clock_.steady_ns();
  activity_ = what;
  turning_ = false;
  thread_.start(what == activity::runs ? feed_thread::task::run : feed_thread::task::rest,
                [to = actors::feed_actor(this)](std::string failure) {
                  actors::tell(to, actors::feed_ended{std::move(failure)});
                });
}

void feed::source_ended(const actors::feed_ended& last_word) {
  // The thread has said its last word and is leaving: this waits for no more than that.
  thread_.join();
  activity_ = activity::none;
  if (stopping_) {
    set({feed_state::down, "stopped"});
    quit(stop_reason_);
  } else if (!last_word.error.empty()) {
    actors::log(actors::component::feeds).error("feed {} failed: {}", entry_.name, last_word.error);
    own_probe().set_last_error(last_word.error);
    entry_.failure.set(last_word.error);
    set({feed_state::down, "failed, and is started again after a while: " + last_word.error});
    quit(caf::make_error(caf::sec::runtime_error, last_word.error));
  } else if (turning_) {
    start(entry_.suspended_by.get().empty() ? activity::runs : activity::rests);
    look();
  } else {
    actors::log(actors::component::feeds).info("feed {} has come to its end", entry_.name);
    set({feed_state::down, "its recording has ended"});
  }
}

void feed::told_to_end(caf::error reason) {
  stopping_ = true;
  stop_reason_ = std::move(reason);
  entry_.failure.set({});
  thread_.stop();
  if (activity_ != activity::none) return;
  set({feed_state::down, "stopped"});
  quit(stop_reason_);
}

void feed::on_exit() {
  // Killed or failed while the source ran: the next run, or the end of all feeds, waits for the thread.
  if (activity_ != activity::none) thread_.stop();
  if (activity_ != activity::none && !stopping_)
    set({feed_state::down, "its actor ended, and is started again after a while"});
  voice_.end();
}

void feed::suspend(const std::string& by) {
  entry_.suspended_by.set(by.empty() ? std::string("somebody") : by);
  actors::log(actors::component::feeds)
      .warn("feed {} is suspended by {}", entry_.name, entry_.suspended_by.get());
  set({feed_state::down, "suspended by " + entry_.suspended_by.get()});
  if (activity_ == activity::rests || stopping_) return;
  if (activity_ == activity::none) return start(activity::rests);
  turning_ = true;
  thread_.stop();
}

void feed::go_on(const std::string& by) {
  entry_.suspended_by.set({});
  if (activity_ == activity::runs && !turning_) return;
  actors::log(actors::component::feeds).warn("feed {} is resumed by {}", entry_.name, by);
  set({feed_state::restarting, "resumed by " + by});
  if (activity_ == activity::none || stopping_) return;
  turning_ = true;
  thread_.stop();
}

// ---- the state

void feed::look() {
  look_at_hours();
  if (!entry_.suspended_by.get().empty())
    set({feed_state::down, "suspended by " + entry_.suspended_by.get()});
  else if (activity_ == activity::runs && !stopping_ && !turning_)
    set(judge());
  else
    set({entry_.told.load(std::memory_order_relaxed), entry_.reason.get()});
}

void feed::look_at_hours() {
  if (options_.hours.always()) return;
  const auto steady = clock_.steady_ns();
  auto now = clock_.wall_ns();
  if (options_.in_event_time)
    if (const auto event = entry_.last_event_ns.load(std::memory_order_relaxed); event != 0)
      now = event + (steady - entry_.last_tick_ns.load(std::memory_order_relaxed));
  if (!hours_.has(now)) hours_ = options_.hours.at(now);
  entry_.opened_ns.store(steady - (now - hours_.since_ns), std::memory_order_relaxed);
  entry_.in_session.store(hours_.open, std::memory_order_release);
}

bool feed::look_for_holes(std::int64_t now_ns) {
  if (const auto holes = holes_in(entry_); holes != holes_seen_) {
    holes_seen_ = holes;
    gap_until_ns_ = now_ns + gap_shown_ns;
  }
  return now_ns < gap_until_ns_;
}

feed::verdict feed::judge() {
  const auto now = clock_.steady_ns();
  const bool has_holes = look_for_holes(now);
  const auto heard = entry_.last_tick_ns.load(std::memory_order_relaxed);
  if (entry_.peers.cut_off()) {
    const bool settling = entry_.peers.connects.load(std::memory_order_relaxed) == 0 &&
                          entry_.told.load(std::memory_order_relaxed) != feed_state::down &&
                          now - started_ns_ < settling_ns;
    if (!settling) return {feed_state::down, no_peer(entry_.peers)};
  }
  if (has_holes) return {feed_state::gap, "messages are missing"};
  if (heard == 0) return {feed_state::none, "nothing was heard from it yet"};
  return judge_silence(now, heard);
}

feed::verdict feed::judge_silence(std::int64_t now_ns, std::int64_t heard_ns) const {
  const bool open = entry_.in_session.load(std::memory_order_relaxed);
  const auto opened = entry_.opened_ns.load(std::memory_order_relaxed);
  const auto silent = now_ns - std::max({heard_ns, started_ns_, opened});
  const bool too_long = entry_.stale_ns > 0 && silent > entry_.stale_ns;
  if (open && too_long)
    return {feed_state::stale, fmt::format("silent for more than {} ms", entry_.stale_ns / 1'000'000)};
  const bool heard_in_this_run = heard_ns >= started_ns_;
  const bool silence_counts = open && entry_.stale_ns > 0;
  if (!heard_in_this_run && (silence_counts || now_ns - started_ns_ < settling_ns)) {
    if (entry_.told.load(std::memory_order_relaxed) == feed_state::restarting)
      return {feed_state::restarting, entry_.reason.get()};
    return {feed_state::restarting, std::string(started_again)};
  }
  if (!open) return {feed_state::live, "outside its session hours, when silence is no fault"};
  return {feed_state::live, entry_.stale_ns > 0 ? "messages come in" : "it runs; its silence is no fault"};
}

void feed::set(verdict is) {
  voice_.say(is.state, std::move(is.reason), clock_.steady_ns(), clock_.wall_ns());
}

}  // namespace tickcast::feeds
