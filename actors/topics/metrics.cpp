#include "actors/topics/metrics.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "actors/runtime/observed.hpp"

namespace tickcast::actors {
namespace {

double value(const std::atomic<std::uint64_t>& of) {
  return static_cast<double>(of.load(std::memory_order_relaxed));
}

void read_feed_health(const feed_entry& feed, const metric_labels& labels, metric_writer& to) {
  to.counter("tickcast_feed_restarts_total", "Times the feed's actor was started again.", labels,
             value(feed.restarts));
  to.gauge("tickcast_feed_in_session", "1 while the feed's silence counts.", labels, feed.in_session ? 1 : 0);
  to.gauge("tickcast_feed_suspended", "1 while an operator has suspended the feed.", labels,
           feed.suspended_by.get().empty() ? 0 : 1);
  to.gauge("tickcast_feed_stale_symbols", "Symbols silent for longer than symbol_stale_ms.", labels,
           value(feed.stale_symbols));
  const auto& peers = feed.peers;
  if (!peers.watched) return;
  to.gauge("tickcast_feed_peers", "Peers connected, their handshake finished.", labels, value(peers.now));
  to.counter("tickcast_feed_connects_total", "Connections whose handshake was finished.", labels,
             value(peers.connects));
  to.counter("tickcast_feed_disconnects_total", "Those that ended.", labels, value(peers.disconnects));
  to.counter("tickcast_feed_connect_retries_total", "Attempts to connect that failed and are made again.",
             labels, value(peers.retries));
  to.counter("tickcast_feed_handshakes_failed_total", "Connections whose handshake failed.", labels,
             value(peers.rejected));
}

void read_feed(const feed_entry& feed, metric_writer& to) {
  const metric_labels labels{{"feed", feed.name}};
  to.counter("tickcast_feed_messages_total", "Messages decoded or refused.", labels, value(feed.messages));
  to.counter("tickcast_feed_ticks_total", "Trades, quotes and bars handed to dispatchers.", labels,
             value(feed.ticks));
  to.counter("tickcast_feed_events_total", "Events handed to the directory.", labels, value(feed.events));
  to.counter("tickcast_feed_gaps_total", "Holes in feed_seq.", labels, value(feed.gaps));
  to.counter("tickcast_feed_gap_lost_total", "Messages missing in those holes.", labels,
             value(feed.gap_lost));
  to.counter("tickcast_feed_seq_restarts_total", "Times feed_seq began anew.", labels,
             value(feed.restarts_seen));
  to.counter("tickcast_feed_repeated_total", "Trades dropped because their id had been seen.", labels,
             value(feed.repeated));
  to.counter("tickcast_feed_not_owner_total", "Ticks dropped because another feed owns the symbol.", labels,
             value(feed.not_owner));
  to.counter("tickcast_feed_unknown_fields_total", "Fields of messages that are not known and were left out.",
             labels, value(feed.unknown_fields));
  to.counter("tickcast_feed_lost_total",
             "Ticks and events that met a receiver which was failing or being restarted.", labels,
             value(feed.lost));
  to.counter("tickcast_feed_paused_total", "Times the feed waited for credit.", labels, value(feed.paused));
  to.gauge("tickcast_feed_in_flight", "Ticks and events on their way to the clients' queues.", labels,
           value(feed.in_flight));
  const auto last = feed.last_tick_ns.load(std::memory_order_relaxed);
  const auto now = std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
  if (last != 0)
    to.gauge("tickcast_feed_silence_seconds", "Time since the feed's last message.", labels,
             static_cast<double>(now - last) / 1e9);
  read_feed_health(feed, labels, to);
  const auto state = feed.state.load(std::memory_order_relaxed);
  for (const auto each :
       {protocol::feed_state::none, protocol::feed_state::live, protocol::feed_state::stale,
        protocol::feed_state::gap, protocol::feed_state::down, protocol::feed_state::restarting}) {
    auto with_state = labels;
    with_state.emplace_back("state", std::string(protocol::to_string(each)));
    to.gauge("tickcast_feed_state", "1 for the state the feed is in.", with_state, state == each ? 1 : 0);
  }
  for (std::size_t i = 1; i < feed.refused.size(); ++i) {
    const auto reason = protocol::to_string(static_cast<protocol::errc>(i));
    if (reason.empty() || reason == "unknown") continue;
    auto with_reason = labels;
    with_reason.emplace_back("reason", std::string(reason));
    to.counter("tickcast_feed_refused_total", "Messages refused.", with_reason, value(feed.refused[i]));
  }
}

void read_supervision(const probe_registry& of, metric_writer& to) {
  to.counter("tickcast_restarts_total", "Actors that ended and were to be restarted.", {},
             static_cast<double>(of.restarts.total()));
  const auto now = std::chrono::steady_clock::now();
  for (const auto& each : of.supervisors.all()) {
    const metric_labels labels{{"supervisor", each->path}};
    double waiting = 0, stopped = 0, restarts = 0,
           spent = static_cast<double>(spent_at(each->spent, each->limits, now));
    for (const auto& child : each->children) {
      waiting += child.status == child_status::waiting ? 1 : 0;
      stopped += child.status == child_status::stopped ? 1 : 0;
      restarts += static_cast<double>(child.restarts);
      if (each->each_its_own)
        spent = std::max(spent, static_cast<double>(spent_at(child.spent, each->limits, now)));
    }
    to.gauge("tickcast_supervisor_children", "Children of a supervisor.", labels,
             static_cast<double>(each->children.size()));
    to.gauge("tickcast_supervisor_waiting", "Children that wait for their restart.", labels, waiting);
    to.gauge("tickcast_supervisor_stopped", "Children that are stopped.", labels, stopped);
    to.gauge("tickcast_supervisor_spent",
             "Restarts that count against the budget; of the child with most, where each has its own.",
             labels, spent);
    to.gauge("tickcast_supervisor_intensity", "Restarts the budget allows within its period.", labels,
             each->limits.intensity);
    to.gauge("tickcast_supervisor_restarts", "Restarts of the children it has now.", labels, restarts);
  }
}

}  // namespace

void read_feed_metrics(const engine& of, metric_writer& to) {
  for (const auto* each : of.feeds.all()) read_feed(*each, to);
  to.gauge("tickcast_symbols", "Symbols the engine has met.", {},
           static_cast<double>(of.symbols.all().size()));
  to.counter("tickcast_events_conflated_total",
             "Messages of event topics that a later one replaced within min_interval_ms.", {},
             value(of.events_conflated));
}

void read_directory_metrics(const directory_counters& of, metric_writer& to) {
  to.gauge("tickcast_event_topics", "Topics without a symbol.", {}, value(of.event_topics));
  to.counter("tickcast_events_total", "Events that reached the directory.", {}, value(of.events));
  to.counter("tickcast_events_refused_total", "Events beyond limits.topics or to a topic that keeps failing.",
             {}, value(of.refused));
  to.counter("tickcast_event_topic_failures_total", "Event topics that ended.", {}, value(of.topic_failures));
  to.counter("tickcast_event_topic_quarantines_total", "Event topics put into quarantine.", {},
             value(of.quarantines));
  to.gauge("tickcast_event_topics_quarantined", "Event topics in quarantine.", {}, value(of.quarantined));
  to.gauge("tickcast_directory_waiting_topics", "Event topics listened to that nobody has written.", {},
           value(of.waiting));
}

void read_actor_metrics(const engine& of, metric_writer& to) {
  struct sum {
    double actors = 0;
    double depth = 0;
    double busy_s = 0;
    std::int64_t oldest_ns = 0;
    std::int64_t running_ns = 0;
  };
  const auto now = steady_ns();
  std::map<std::string_view, sum> by_kind;
  for (const auto& each : of.probes.all()) {
    auto& mine = by_kind[each->who.kind];
    mine.actors += 1;
    mine.depth += static_cast<double>(each->depth());
    mine.busy_s += static_cast<double>(each->busy_ns.load(std::memory_order_relaxed)) / 1e9;
    mine.oldest_ns = std::max(mine.oldest_ns, each->oldest_ns(now));
    if (const auto since = each->handling_since_ns.load(std::memory_order_relaxed); since != 0)
      mine.running_ns = std::max(mine.running_ns, now - since);
  }
  for (const auto& [kind, mine] : by_kind) {
    const metric_labels labels{{"kind", std::string(kind)}};
    to.gauge("tickcast_actors", "Living actors.", labels, mine.actors);
    to.gauge("tickcast_mailbox_messages", "Messages waiting in mailboxes.", labels, mine.depth);
    to.gauge("tickcast_mailbox_oldest_seconds", "Age of the oldest message that waits.", labels,
             static_cast<double>(mine.oldest_ns) / 1e9);
    to.gauge("tickcast_handler_running_seconds", "How long the longest handler has been running.", labels,
             static_cast<double>(mine.running_ns) / 1e9);
    to.gauge("tickcast_actors_busy_seconds", "Time that living actors have spent in handlers.", labels,
             mine.busy_s);
  }
  const auto counted = mishaps_so_far();
  to.counter("tickcast_actor_failures_total", "Actors that an exception ended.", {},
             static_cast<double>(counted.failures));
  to.counter("tickcast_unexpected_messages_total", "Messages dropped because their actor has no handler.", {},
             static_cast<double>(counted.unexpected));
  read_supervision(of.probes, to);
}

}  // namespace tickcast::actors
