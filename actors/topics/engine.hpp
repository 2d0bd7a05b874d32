#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "access/rules.hpp"
#include "access/topic_classes.hpp"
#include "actors/runtime/probe.hpp"
#include "actors/topics/feed_board.hpp"
#include "actors/topics/keeping.hpp"
#include "actors/topics/quote_state.hpp"
#include "actors/topics/switchboard.hpp"
#include "actors/topics/symbol_table.hpp"
#include "actors/users/claim_board.hpp"
#include "analytics/instruments.hpp"
#include "config/config.hpp"

namespace tickcast::actors {

class history_desk;

/// What all actors of one engine share: made first, destroyed last, passed by reference. Each part is
/// thread-safe by itself; `settings` does not change after the start.
struct engine {
  /// `listed`: what is known of the symbols.
  engine(config::config settings, std::uint32_t shards, analytics::instruments listed = {});

  /// How often the quotes of a symbol are sent at most; 0: every one.
  std::int64_t quote_interval_ns(std::string_view symbol) const {
    return classes.of("quote." + std::string(symbol)).min_interval_ms * 1'000'000;
  }

  const config::config settings;
  const std::uint32_t shards;
  /// What everybody may; compiled from the settings.
  const std::shared_ptr<const access::rule_set> rules;
  /// Whoever has not signed in.
  const access::standing_ptr nobody;
  /// How topics are treated; compiled from the settings.
  const access::topic_classes classes;
  const bar_forms bars;
  const analytics::instruments instruments;
  probe_registry probes;
  symbol_table symbols;
  feed_board feeds;
  switchboard routes;
  /// Who takes which of the clients' own messages.
  claim_board claims;
  /// Whether a gatekeeper is there to be asked, though it may be just being restarted; set before clients
  /// come.
  bool can_sign_in = false;
  /// Reads the past for connections; set before they open, null: history is not kept.
  history_desk* history = nullptr;
  keeping keep;
  /// Topics of indicators that there are, of all shards; bound: limits.indicators.
  std::atomic<std::uint64_t> indicator_topics{0};
  /// Messages of event topics that a later one replaced before they were sent.
  std::atomic<std::uint64_t> events_conflated{0};
  /// Called with every trade before a quote topic takes it; may throw. Empty but in tests and with
  /// debug.fault.
  std::function<void(const symbol&, const protocol::trade&)> fault;
  /// Called with every message before an event topic takes it; may take its time. Empty but with debug.stuck.
  std::function<void(const std::string& topic, const std::string& data)> event_fault;
};

}  // namespace tickcast::actors
