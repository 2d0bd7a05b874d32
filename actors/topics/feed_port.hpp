#pragma once
#include <tsl/robin_map.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/actors.hpp"
#include "actors/runtime/probe.hpp"
#include "actors/topics/feed_board.hpp"
#include "actors/topics/stored_offsets.hpp"
#include "actors/topics/switchboard.hpp"
#include "actors/topics/symbol_table.hpp"
#include "protocol/feed_message.hpp"

namespace tickcast::actors {

class feed_credit;

struct feed_port_options {
  std::size_t most_in_flight = 65536;  ///< ticks and events under way before the feed must wait
  std::string prefix;                  ///< put before every symbol, e.g. "BINANCE:"
  std::unordered_map<std::string, std::string>
      map;  ///< the feed's name of a symbol -> ours (before the prefix)
  /// What of this feed is stored; null: nothing. Outlives the port.
  const stored_offset* stored = nullptr;
  std::string fault;  ///< debug.fault: on_trade throws at a trade of this symbol, as the feed calls it, for 0
};

/// A feed's way into the engine: takes decoded messages, checks `feed_seq`, and sends one batch a shard when
/// the poll turn ends. A feed that begins right behind what is stored for certain resumes: what comes twice
/// because some shards had stored more is dropped and counted as repeated. One that begins elsewhere counts
/// anew. Bounded: with its credit used up the feed must stop reading until `credit_fd` is readable.
///
/// Thread: the feed's own, and no other. Lifetime: all runs of the feed, so that credit still under way from
/// one run wakes the next.
class feed_port final : public protocol::feed_sink {
public:
  feed_port(feed_board& board, feed_entry& entry, symbol_table& symbols, const switchboard& routes,
            feed_port_options options);
  ~feed_port() override;

  void on_trade(std::string_view symbol, protocol::trade&& value,
                std::optional<std::uint64_t> feed_seq) override;
  void on_amendment(std::string_view symbol, protocol::trade_amendment&& value,
                    std::optional<std::uint64_t> feed_seq) override;
  void on_quote(std::string_view symbol, protocol::quote&& value,
                std::optional<std::uint64_t> feed_seq) override;
  void on_bar(std::string_view symbol, std::string_view interval_text, protocol::bar&& value,
              std::optional<std::uint64_t> feed_seq) override;
  void on_event(std::string_view topic, std::string&& data, std::optional<std::uint64_t> feed_seq) override;
  void on_command(protocol::service_command&& what) override;
  void on_refused(protocol::error&& why, std::optional<std::uint64_t> feed_seq) override;
  void on_unknown_fields(std::size_t count) override { bump(entry_.unknown_fields, count); }

  /// Sends what has gathered. Call at the end of every poll turn.
  void flush();
  /// False when the credit is used up: do not read, wait for credit_fd() or a stop.
  bool may_read();
  /// An eventfd, readable when credit has come back after may_read() said no. Belongs to the port.
  int credit_fd() const noexcept;
  const feed_entry& entry() const noexcept { return entry_; }

private:
  /// A symbol as the feed knows it, with what is needed at each tick at hand.
  struct known_symbol {
    std::uint32_t id;
    std::uint32_t shard;
    std::uint64_t stored;  ///< up to this feed_seq its messages are in the store
  };
  const known_symbol* resolve(std::string_view name);
  void follow(std::optional<std::uint64_t> feed_seq);
  void begin_at(std::uint64_t feed_seq);
  template <class Value>
  void add(std::string_view name, Value&& value, std::optional<std::uint64_t> feed_seq);
  void send_batches(std::int64_t now_ns);
  std::uint64_t complete_to(std::size_t shard) const noexcept;
  void count_refusal(protocol::errc code);

  feed_board& board_;
  feed_entry& entry_;
  symbol_table& symbols_;
  const switchboard& routes_;
  switchboard::lines lines_;
  feed_port_options options_;
  std::shared_ptr<feed_credit> credit_;
  struct name_hash {
    std::size_t operator()(std::string_view s) const noexcept;
  };
  /// Looked up at every tick: flat, and with a hash that reads eight bytes at a time.
  tsl::robin_map<std::string, known_symbol, name_hash, std::equal_to<>,
                 std::allocator<std::pair<std::string, known_symbol>>, true>
      known_;
  std::vector<std::shared_ptr<tick_load>> pending_;  // by shard
  std::vector<std::size_t> usual_;                   // how many a shard got last time
  std::shared_ptr<cargo<event_item>> pending_events_;
  std::shared_ptr<cargo<protocol::service_command>> pending_orders_;
  std::vector<std::int64_t> told_ns_;  // by shard: when it last heard how far the feed is
  std::uint64_t last_feed_seq_ = 0;
  std::uint64_t resumes_until_ = 0;  ///< up to here a message may be one that is stored already
};

}  // namespace tickcast::actors
