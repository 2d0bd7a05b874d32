#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/actors.hpp"
#include "actors/runtime/hosted.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/topics/bar_clock.hpp"
#include "actors/topics/engine.hpp"
#include "actors/topics/indicator_desk.hpp"
#include "actors/topics/outbox.hpp"
#include "actors/topics/quote_table.hpp"
#include "actors/topics/waiting_list.hpp"
#include "actors/topics/watch_list.hpp"

namespace tickcast::actors {

/// Counters of one shard's dispatcher; outlive it, so that a restart does not set them back.
struct dispatcher_counters {
  std::atomic<std::uint64_t> ticks{0};
  std::atomic<std::uint64_t> refused{0};  ///< by the quote topic: sums that overflow, late bars
  std::atomic<std::uint64_t> quarantine_drops{0};
  std::atomic<std::uint64_t> topic_failures{0};
  std::atomic<std::uint64_t> quarantines{0};
  std::atomic<std::uint64_t> quarantined{0};  ///< now
  std::atomic<std::uint64_t> quote_topics{0};
  std::atomic<std::uint64_t> waiting{0};  ///< listened to, not written yet
  bar_counters bars;
  indicator_counters indicators;
};

/// Supervises the quote topics of one shard and calls them for every tick (see actors.hpp).
class dispatcher final : public hosted<dispatcher_actor::base> {
public:
  /// How long a symbol that spent its restarts is left alone before it is tried again.
  static constexpr std::chrono::seconds quarantine_time{60};
  /// How often all symbols are looked at for silence, and how many of them in one turn.
  static constexpr std::chrono::seconds sweep_every{1};
  static constexpr std::uint32_t swept_a_turn = 1024;

  /// How often a symbol that changes leaves a checkpoint in the store: what came after the last one is taken
  /// again when the process starts.
  static constexpr std::chrono::seconds keep_state_every{10};
  /// How many checkpoints a turn leaves before the shard's other work comes again.
  static constexpr std::uint32_t kept_a_turn = 64;

  dispatcher(caf::actor_config& cfg, host& where, engine& parts, std::uint32_t shard, quote_table& table,
             dispatcher_counters& counters);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(description& to) override;

private:
  void take(const tick_batch& batch);
  void take_one(const tick_load& load, const tick& what, const protocol::trade& trade, const turn& now);
  void take_timed(const tick_load& load, const tick& what, const protocol::trade& trade, const turn& now);
  void count(taken outcome, feed_entry& from);
  quote_place& place_of(const tick& what, const feed_entry& from);
  void start_topic(quote_place& place);
  void topic_failed(quote_place& place, const std::string& reason);
  void release(quote_place& place);
  void on_listen(const listen& wish);
  void on_look(const look_at_topic& question);
  void on_watch(const watch_topics& wish);
  void tell_existing(const watch_topics& wish, std::uint32_t from);
  void tell_new(quote_place& place, std::size_t first_stream);
  void begin_listening(quote_place& place, stream& to, const listen& wish);
  void tell_state(quote_place& place, const stream& of, const stream::listener& who);
  void tell_all(quote_place& place);
  void serve_waiting(quote_place& place);
  void report(topic_report& to);
  void sweep();
  void push_forming();
  void push_later();
  turn turn_at(std::int64_t now_ns);
  void close_bars();
  void keep_offset(const tick_batch& batch);
  bool keep_state_of(quote_place& place, host::clock::time_point now);

  engine& engine_;
  std::uint32_t shard_;
  quote_table& table_;
  dispatcher_counters& counters_;
  switchboard::lines lines_;
  outbox out_;
  std::vector<bar_plan> plans_;
  std::unordered_map<caf::actor_id, quote_place*> by_actor_;
  waiting_list waiting_;
  watch_list watches_;
  indicator_desk indicators_;
  std::vector<quote_place*> forming_;
  bool push_scheduled_ = false;
  bar_clock clock_;
  std::uint32_t swept_to_ = 0;
  std::uint64_t seen_ = 0;                ///< ticks
  store::lane* lane_;                     ///< null: nothing is kept
  std::vector<std::string> offset_keys_;  ///< by feed
};

}  // namespace tickcast::actors
