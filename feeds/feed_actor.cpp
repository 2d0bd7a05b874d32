#include "feeds/feed_actor.hpp"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace tickcast::feeds {

using protocol::feed_state;

namespace {

/// Rises whenever something is missing between the venue and the topics.
std::uint64_t holes_in(const actors::feed_entry& entry) noexcept {
  return entry.gaps.load(std::memory_order_relaxed) + entry.lost.load(std::memory_order_relaxed);
}

}  // namespace

feed::feed(caf::actor_config& cfg, actors::engine& parts, feed_thread& what, actors::feed_entry& entry,
           const feed_clock& clock)
    : observed(cfg, parts.probes, {"feed", entry.name, "root/feeds", "workers"}),
      engine_(parts),
      thread_(what),
      entry_(entry),
      clock_(clock),
      holes_seen_(holes_in(entry)) {}

feed::behavior_type feed::make_behavior() {
  set_exit_handler([this](caf::exit_msg& message) { told_to_end(std::move(message.reason)); });
  start_source();
  publish(entry_.state.load(std::memory_order_relaxed));
  delayed_send(this, look_every, actors::feed_look{});
  return {
      [this](const actors::feed_ended& last_word) { source_ended(last_word); },
      [this](const actors::feed_look&) {
        look();
        delayed_send(this, look_every, actors::feed_look{});
      },
  };
}

void feed::start_source() {
  started_ns_ = clock_.steady_ns();
  running_ = true;
  thread_.start([to = actors::feed_actor(this)](std::string failure) {
    actors::tell(to, actors::feed_ended{std::move(failure)});
  });
}

void feed::source_ended(const actors::feed_ended& last_word) {
  // The thread has said its last word and is leaving: this waits for no more than that.
  thread_.join();
  running_ = false;
  if (stopping_) {
    set(feed_state::down);
    quit(stop_reason_);
  } else if (last_word.error.empty()) {
    spdlog::info("feed {} has come to its end", entry_.name);
    set(feed_state::down);
  } else {
    spdlog::error("feed {} failed: {}", entry_.name, last_word.error);
    own_probe().set_last_error(last_word.error);
    set(feed_state::restarting);
    quit(caf::make_error(caf::sec::runtime_error, last_word.error));
  }
}

void feed::told_to_end(caf::error reason) {
  stopping_ = true;
  stop_reason_ = std::move(reason);
  thread_.stop();
  if (running_) return;
  set(feed_state::down);
  quit(stop_reason_);
}

void feed::on_exit() {
  // Killed or failed while the source ran: the next run, or the end of all feeds, waits for the thread.
  if (running_) thread_.stop();
  if (running_ && !stopping_) engine_.feeds.set_state(entry_, feed_state::restarting);
  lines_ = {};
}

void feed::look() {
  if (running_ && !stopping_) set(judge());
  // A directory that was started anew knows nothing of this feed.
  if (engine_.routes.refresh(lines_)) publish(published_);
}

feed_state feed::judge() {
  const auto now = clock_.steady_ns();
  if (const auto holes = holes_in(entry_); holes != holes_seen_) {
    holes_seen_ = holes;
    gap_until_ns_ = now + gap_shown_ns;
  }
  const auto heard_ns = entry_.last_tick_ns.load(std::memory_order_relaxed);
  const bool heard_in_this_run = heard_ns >= started_ns_;
  if (now < gap_until_ns_) return feed_state::gap;
  if (heard_ns == 0) return feed_state::none;
  if (entry_.stale_ns > 0 && now - std::max(heard_ns, started_ns_) > entry_.stale_ns)
    return feed_state::stale;
  if (heard_in_this_run) return feed_state::live;
  return entry_.state.load(std::memory_order_relaxed);
}

void feed::set(feed_state state) {
  engine_.feeds.set_state(entry_, state);
  if (state != published_) publish(state);
}

void feed::publish(feed_state state) {
  published_ = state;
  engine_.routes.refresh(lines_);
  const nlohmann::json data{
      {"name", entry_.name},
      {"state", protocol::to_string(state)},
      {"simulated", entry_.simulated},
      {"ticks", entry_.ticks.load(std::memory_order_relaxed)},
      {"gaps", entry_.gaps.load(std::memory_order_relaxed)},
  };
  actors::tell(lines_.directory, actors::engine_event{"feed." + entry_.name, data.dump()});
}

}  // namespace tickcast::feeds
