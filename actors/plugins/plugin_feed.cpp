#include "actors/plugins/plugin_feed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace tickcast::actors {
namespace {

using protocol::feed_state;

std::int64_t wall_now_ns() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Of a plugin that nobody calls a feed: one that only listens has not spoken, and is not down for it.
feed_state without_section(plugin_state state, feed_state now) {
  switch (state) {
    case plugin_state::running:
    case plugin_state::stuck:
      return now == feed_state::down || now == feed_state::restarting ? feed_state::none : now;
    case plugin_state::restarting:
      return feed_state::restarting;
    case plugin_state::failed:
      return feed_state::down;
    case plugin_state::starting:
    case plugin_state::stopped:
      break;
  }
  return feed_state::none;
}

}  // namespace

plugin_feed::plugin_feed(engine& parts, plugin_record& of)
    : engine_(parts), record_(of), voice_(parts, of.feed), since_ns_(steady_ns()) {
  if (!of.as_feed) return;
  // The configuration was checked: what does not read is not here.
  if (auto hours = analytics::session_hours::parse(of.as_feed->sessions)) hours_ = std::move(*hours);
}

void plugin_feed::look(plugin_state state, std::int64_t steady_ns) {
  auto& entry = record_.feed;
  if (!record_.as_feed) {
    const auto now = entry.state.load();
    if (const auto then = without_section(state, now); then != now) engine_.feeds.set_state(entry, then);
    return;
  }
  if (state != seen_) {
    // An alarm more or less is the same life.
    const auto lives = [](plugin_state s) { return s == plugin_state::running || s == plugin_state::stuck; };
    if (!lives(state) || !lives(seen_)) since_ns_ = steady_ns;
    if (state == plugin_state::restarting) bump(entry.restarts);
    seen_ = state;
  }
  const auto wall = wall_now_ns();
  look_at_hours(steady_ns, wall);
  auto is = judge(state, steady_ns);
  voice_.say(is.state, std::move(is.reason), steady_ns, wall);
}

void plugin_feed::look_at_hours(std::int64_t steady_ns, std::int64_t wall_ns) {
  if (hours_.always()) return;
  if (!stretch_.has(wall_ns)) stretch_ = hours_.at(wall_ns);
  record_.feed.opened_ns.store(steady_ns - (wall_ns - stretch_.since_ns), std::memory_order_relaxed);
  record_.feed.in_session.store(stretch_.open, std::memory_order_release);
}

plugin_feed::verdict plugin_feed::judge(plugin_state state, std::int64_t now_ns) const {
  const auto& entry = record_.feed;
  switch (state) {
    case plugin_state::restarting:
      return {feed_state::restarting, "its plugin failed and is started again"};
    case plugin_state::failed:
      return {feed_state::down, "its plugin has failed for good"};
    case plugin_state::stopped:
      return {feed_state::down, "its plugin was stopped"};
    case plugin_state::starting:
    case plugin_state::running:
    case plugin_state::stuck:
      break;
  }
  const auto heard = entry.last_tick_ns.load(std::memory_order_relaxed);
  if (heard == 0) return {feed_state::none, "nothing was heard from it yet"};
  const auto opened = entry.opened_ns.load(std::memory_order_relaxed);
  const bool open = entry.in_session.load(std::memory_order_relaxed);
  if (open && entry.stale_ns > 0 && now_ns - std::max({heard, since_ns_, opened}) > entry.stale_ns)
    return {feed_state::stale, fmt::format("silent for more than {} ms", entry.stale_ns / 1'000'000)};
  if (open && entry.stale_ns > 0 && heard < since_ns_)
    return {feed_state::restarting, "started again, nothing was heard yet"};
  if (!open) return {feed_state::live, "outside its session hours, when silence is no fault"};
  return {feed_state::live, entry.stale_ns > 0 ? "messages come in" : "it runs; its silence is no fault"};
}

}  // namespace tickcast::actors
