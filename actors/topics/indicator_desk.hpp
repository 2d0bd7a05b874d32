#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/actors.hpp"
#include "actors/topics/engine.hpp"
#include "actors/topics/quote_table.hpp"
#include "actors/topics/switchboard.hpp"
#include "actors/topics/watch_list.hpp"
#include "protocol/topic.hpp"

namespace tickcast::actors {

/// Counters of one shard's indicators; outlive the dispatcher.
struct indicator_counters {
  std::atomic<std::uint64_t> topics{0};         ///< now
  std::atomic<std::uint64_t> computed{0};       ///< now: calls over a series of bars
  std::atomic<std::uint64_t> seeding{0};        ///< now
  std::atomic<std::uint64_t> seeds{0};          ///< seedings that were begun
  std::atomic<std::uint64_t> seed_failures{0};  ///< what was stored could not be read, or nobody had time
  std::atomic<std::uint64_t> refused{0};        ///< wishes for topics that cannot be
};

/// The dispatcher's hand for topics of indicators: makes them when the first post listens, has them seeded,
/// and lets them go when nobody has listened for limits.indicator_linger_ms.
///
/// While an indicator is being seeded its listeners wait for their `attached`; those of a symbol or of bars
/// that nobody has brought yet are told that the topic is unwritten. Shard's thread.
class indicator_desk {
public:
  using time_point = live_indicator::time_point;

  /// Bars: what revises a bar copies each indicator's window, on the shard's thread.
  static constexpr int longest_look_back = 5000;
  /// Seedings of a shard that are under way together.
  static constexpr std::uint32_t most_under_way = 4;

  indicator_desk(engine& parts, std::uint32_t shard, quote_table& table, indicator_counters& counters,
                 const watch_list& watches)
      : engine_(parts), shard_(shard), table_(table), counters_(counters), watches_(watches) {}

  /// A dispatcher begins: what an earlier one has left is forgotten, posts ask again.
  void begin();
  /// `name`: wish.topic taken apart.
  void listen(const struct listen& wish, const protocol::topic_name& name, const switchboard::lines& lines,
              time_point now);
  /// Topics of the symbol may have come to be that somebody waits for.
  void serve_waiting(quote_place& place, const switchboard::lines& lines, time_point now);
  void seeded(const indicator_seeded& result, const switchboard::lines& lines);
  /// The symbol's actor has failed: its indicators are seeded anew.
  void seed_anew(quote_place& place);
  /// Lets go of what nobody needs and seeds what is due; now and then.
  void look(time_point now);
  std::size_t waiting() const noexcept { return waiting_count_; }

private:
  using refusal = listen_refusal;
  class slot;

  std::optional<refusal> try_listen(const struct listen& wish, const protocol::topic_name& name,
                                    const switchboard::lines& lines, time_point now);
  std::optional<refusal> check_waiting(const protocol::topic_name& name) const;
  std::optional<refusal> check_room(const quote_place& place) const;
  void leave(const struct listen& wish, const protocol::topic_name& name, time_point now);
  void wait(const struct listen& wish, const protocol::topic_name& name, const switchboard::lines& lines);
  void unwait(const struct listen& wish, const protocol::topic_name& name);
  void seed(quote_place& place, bar_series& series, live_indicator& which);
  void adopt(const indicator_seeded& result, const switchboard::lines& lines);
  void seed_due();
  void tell_all(const quote_place& place, live_indicator& which, const switchboard::lines& lines) const;
  void tell_unwritten(live_indicator& which, const switchboard::lines& lines) const;
  void drop_unused(bar_series& series, time_point now);
  void count();

  engine& engine_;
  std::uint32_t shard_;
  quote_table& table_;
  indicator_counters& counters_;
  const watch_list& watches_;
  std::set<std::uint32_t> symbols_;                                      ///< with indicators
  std::unordered_map<std::string, std::vector<struct listen>> waiting_;  ///< by symbol
  std::size_t waiting_count_ = 0;
  const std::shared_ptr<std::atomic<std::uint32_t>> under_way_ =
      std::make_shared<std::atomic<std::uint32_t>>(0);
};

}  // namespace tickcast::actors
