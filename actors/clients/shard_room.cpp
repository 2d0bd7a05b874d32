#include "actors/clients/shard_room.hpp"

#include <thread>

#include "protocol/codes.hpp"

namespace tickcast::actors {
namespace {

/// The kinds that kind_of(topic_change) numbers.
constexpr std::array<std::string_view, std::variant_size_v<topic_view>> kinds{"trade", "quote", "bar",
                                                                              "event", "indicator"};

void by_kind(metric_writer& to, const metric_labels& shard, std::string_view name, std::string_view help,
             const broadcaster_counters::by_kind& values) {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    auto labels = shard;
    labels.emplace_back("kind", std::string(kinds[i]));
    to.counter(name, help, std::move(labels), static_cast<double>(values[i].load(std::memory_order_relaxed)));
  }
}

}  // namespace

shard_room::shard_room(host& where, engine& parts, std::uint32_t index)
    : host_(where), engine_(parts), index_(index), window_(where) {}

caf::actor shard_room::start_dispatcher() {
  auto made = spawn_on<dispatcher>(host_, std::ref(engine_), index_, std::ref(table_),
                                   std::ref(dispatcher_counters_));
  engine_.routes.set_dispatcher(index_, made);
  return caf::actor_cast<caf::actor>(made);
}

caf::actor shard_room::start_broadcaster() {
  auto made = spawn_on<broadcaster>(host_, std::ref(engine_), index_, std::ref(clients_),
                                    std::ref(broadcaster_counters_));
  engine_.routes.set_broadcaster(index_, made);
  return caf::actor_cast<caf::actor>(made);
}

caf::actor shard_room::start_quote_desk() {
  auto made = spawn_on<quote_desk>(host_, std::ref(engine_), index_, std::ref(window_), std::ref(quoted_));
  engine_.routes.set_post(engine_.routes.quote_desk_post(index_), made);
  return caf::actor_cast<caf::actor>(made);
}

quote_state* shard_room::restore(const symbol& of, std::string_view checkpoint) {
  auto* restored =
      table_.restore(of, checkpoint, engine_.feeds, engine_.bars, engine_.instruments.find(of.name).hours);
  if (!restored) return nullptr;
  restored->state.set_quote_interval(engine_.quote_interval_ns(of.name));
  restored->name_in(*engine_.keep.lanes[index_]);
  dispatcher_counters_.quote_topics.store(table_.size(), std::memory_order_relaxed);
  return &restored->state;
}

bool shard_room::keep_all(std::chrono::steady_clock::time_point deadline) {
  auto& lane = *engine_.keep.lanes[index_];
  bool whole = true;
  table_.each([&](quote_place& place) {
    while (!place.keep_state(lane)) {
      lane.commit();
      if (std::chrono::steady_clock::now() > deadline) {
        whole = false;
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  lane.commit();
  return whole;
}

connection_hold shard_room::open(client_link& link, client_info&& info) {
  auto made = spawn_on<connection>(host_, std::ref(engine_), index_, std::ref(connection_counters_),
                                   std::ref(clients_), std::ref(link), std::move(info));
  auto* raw = static_cast<connection*>(caf::actor_cast<caf::abstract_actor*>(made));
  return {std::move(made), raw};
}

void shard_room::read_metrics(metric_writer& to) const {
  const metric_labels shard{{"shard", std::to_string(index_)}};
  auto counter = [&](std::string_view name, std::string_view help, const std::atomic<std::uint64_t>& value) {
    to.counter(name, help, shard, static_cast<double>(value.load(std::memory_order_relaxed)));
  };
  auto gauge = [&](std::string_view name, std::string_view help, const std::atomic<std::uint64_t>& value) {
    to.gauge(name, help, shard, static_cast<double>(value.load(std::memory_order_relaxed)));
  };
  const auto& d = dispatcher_counters_;
  counter("tickcast_dispatcher_ticks_total", "Ticks taken from feeds.", d.ticks);
  counter("tickcast_dispatcher_refused_total", "Ticks a quote topic refused (overflow, late bars).",
          d.refused);
  counter("tickcast_quote_topic_failures_total", "Quote topics that ended by an exception.",
          d.topic_failures);
  counter("tickcast_quarantines_total", "Quote topics put into quarantine.", d.quarantines);
  gauge("tickcast_quote_topics_quarantined", "Quote topics in quarantine.", d.quarantined);
  counter("tickcast_quarantine_dropped_total", "Ticks dropped because their topic is in quarantine.",
          d.quarantine_drops);
  counter("tickcast_bars_late_total", "Ticks left out of a series of bars because they came too late.",
          d.bars.late);
  counter("tickcast_bars_revised_total", "Changes of bars that were closed.", d.bars.revised);
  counter("tickcast_bars_unrevised_total",
          "Bars that a cancel or a correction should have changed and could not.", d.bars.unrevised);
  counter("tickcast_trades_amended_total", "Trades cancelled or corrected.", d.bars.amendments);
  counter("tickcast_trades_amended_unknown_total",
          "Cancels and corrections of trades that are no longer kept.", d.bars.unknown_amendments);
  counter("tickcast_quotes_conflated_total", "Quotes that a later one replaced within min_interval_ms.",
          d.bars.quotes_conflated);
  gauge("tickcast_quote_topics", "Symbols with a quote topic.", d.quote_topics);
  gauge("tickcast_dispatcher_waiting_topics", "Topics listened to that nobody has written.", d.waiting);

  const auto& live = dispatcher_counters_.indicators;
  gauge("tickcast_indicator_topics", "Topics of indicators.", live.topics);
  gauge("tickcast_indicators", "Calls that are computed over a series of bars.", live.computed);
  gauge("tickcast_indicators_seeding", "Those of them that are being seeded from history, or due to be.",
        live.seeding);
  counter("tickcast_indicator_seeds_total", "Seedings that were begun.", live.seeds);
  counter("tickcast_indicator_seed_failures_total",
          "Seedings that failed: history could not be read, or too many reads waited.", live.seed_failures);
  counter("tickcast_indicators_refused_total", "Wishes for topics of indicators that were refused.",
          live.refused);

  const auto& b = broadcaster_counters_;
  by_kind(to, shard, "tickcast_broadcaster_updates_total", "Updates that reached this shard.", b.updates_of);
  by_kind(to, shard, "tickcast_broadcaster_deliveries_total", "Updates appended to clients' queues.",
          b.deliveries_of);
  counter("tickcast_announcements_delivered_total", "Messages for everybody, a client each.", b.announced);
  counter("tickcast_broadcaster_snapshots_total", "Snapshots sent.", b.snapshots);
  counter("tickcast_subscriptions_behind_total", "Times a subscription went quiet, its client being behind.",
          b.went_quiet);
  counter("tickcast_gaps_total", "Gap messages sent.", b.gaps);
  counter("tickcast_gap_lost_total", "Updates that gap messages stand for.", b.gap_lost);
  gauge("tickcast_local_topics", "Topics with subscribers on this shard.", b.topics);
  gauge("tickcast_unwritten_topics", "Subscribed topics that nobody has written yet.", b.unwritten);
  counter("tickcast_subscriptions_recovered_total",
          "Subscriptions that went on with what was missed, without a snapshot.", b.recovered);
  gauge("tickcast_delayed_waiting", "Updates of delayed topics that are not due yet.", b.delayed_waiting);
  counter("tickcast_delayed_dropped_total", "Those that had to go before they were.", b.delayed_dropped);
  gauge("tickcast_patterns", "Patterns that clients listen by.", b.patterns);
  counter("tickcast_pattern_topics_refused_total",
          "Topics left out because they were beyond limits.pattern_topics.", b.pattern_topics_refused);
  gauge("tickcast_subscriptions", "Subscriptions of this shard's clients.", b.subscriptions);
  gauge("tickcast_quoted_symbols", "Symbols listened to because HTTP asked for their quotes.", quoted_);
  to.histogram("tickcast_tick_to_queue_seconds", "From the feed's hand-over to the clients' queues.", shard,
               b.tick_to_queue.read());
  to.histogram("tickcast_message_age_seconds",
               "From a trade's or quote's own time to the clients' queues; recorded ones are left out.",
               shard, b.message_age.read());
  counter("tickcast_message_age_left_out_total",
          "Trades and quotes whose time is an hour or more from now: recorded, or with a wrong clock.",
          b.ages_left_out);

  const auto& c = connection_counters_;
  counter("tickcast_connections_opened_total", "Connection actors started.", c.opened);
  counter("tickcast_connections_ended_total", "Connection actors ended.", c.ended);
  counter("tickcast_connections_failed_total", "Connection actors that ended before their socket.", c.failed);
  counter("tickcast_commands_total", "Messages from clients.", c.commands);
  for (std::size_t i = 0; i < c.errors.size(); ++i) {
    const auto code = static_cast<protocol::error_code>(100 + i);
    const auto name = protocol::to_string(code);
    if (name.empty() || name == "unknown") continue;
    auto labels = shard;
    labels.emplace_back("code", std::to_string(100 + i));
    labels.emplace_back("reason", std::string(name));
    to.counter("tickcast_client_errors_total", "Error frames sent to clients.", labels,
               static_cast<double>(c.errors[i].load(std::memory_order_relaxed)));
  }
}

}  // namespace tickcast::actors
