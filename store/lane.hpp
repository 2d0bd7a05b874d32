#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "protocol/market.hpp"
#include "store/condition.hpp"
#include "store/packed_row.hpp"

namespace tickcast::store {

/// The way of one producer's rows to the store's writer: a ring of bounded bytes, without locks. Rows are
/// appended one by one and handed over together by commit(), once a turn.
///
/// When the ring is full a row is dropped, counted, and becomes part of a `hole` of its symbol; the producer
/// never waits. Symbols are numbered by the producer, from 0 and densely; the numbers are this lane's own.
///
/// Not to be used any more when the store is gone. Thread: all of one producer; the functions below "the
/// writer" belong to the store's.
class lane {
public:
  /// `bytes` is rounded up to a power of two. `on_half_full` is called by commit(), on the producer's thread.
  lane(std::size_t bytes, std::function<void()> on_half_full);
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;

  /// Tells a symbol's name, once, before its first row. Takes a lock and allocates.
  void name(std::uint32_t symbol, std::string_view name);

  /// One row. `position`: the symbol's running count, rising, shared by its trades, cancels, corrections and
  /// quotes. False: dropped.
  bool append(std::uint32_t symbol, std::uint64_t position, const protocol::trade& value) {
    return append_trade(row_kind::trade, symbol, position, value);
  }
  bool append(std::uint32_t symbol, std::uint64_t position, const protocol::quote& value) {
    word* to = reserve(quote_words);
    if (!to) return dropped(row_kind::quote, symbol, value.time_ns);
    pack(to, symbol, position, value);
    return true;
  }
  /// The trade with this id did not happen. Final. `value.time_ns` is the cancel's; price and size are free.
  bool cancel(std::uint32_t symbol, std::uint64_t position, const protocol::trade& value) {
    return append_trade(row_kind::cancel, symbol, position, value);
  }
  /// The trade with this id had this price and size.
  bool correct(std::uint32_t symbol, std::uint64_t position, const protocol::trade& value) {
    return append_trade(row_kind::correct, symbol, position, value);
  }
  /// A closed bar, or a higher revision of one. `interval` as in topics.
  bool append(std::uint32_t symbol, std::string_view interval, const protocol::bar& value);

  // Of what follows the one before stands where there is no room (false).

  /// All of this feed up to `feed_seq` is in the rows appended before. What is written of it never runs ahead
  /// of the rows.
  bool offset(std::string_view feed, std::uint64_t feed_seq);
  /// What the producer needs to go on with this symbol, as of the row with this position (the last one
  /// appended). Recovery gives it back with the rows after it, so it should be renewed often enough.
  bool checkpoint(std::uint32_t symbol, std::uint64_t position, std::string_view bytes);
  /// Bytes under a key of their own, for what has no symbol; the last one stands. Empty bytes remove it.
  bool state(std::string_view key, std::string_view bytes);

  /// Hands over all that was appended.
  void commit() noexcept;

  std::size_t capacity_bytes() const noexcept { return capacity_ * sizeof(word); }
  std::size_t waiting_bytes() const noexcept;
  std::uint64_t dropped_rows() const noexcept { return dropped_.load(std::memory_order_relaxed); }

  // The writer.

  struct lost_rows {
    std::uint32_t symbol;
    row_kind kind;  ///< trade, quote or bar
    hole span;
  };

  /// Hands each name told to `on_name(symbol, text)`, then each row committed so far to `on_row(const
  /// word*)`, whose words are free when the call returns.
  template <class OnName, class OnRow>
  void drain(OnName&& on_name, OnRow&& on_row) {
    // In this order, so that no row is seen without its name.
    const auto until = published_.load(std::memory_order_acquire);
    for (const auto& told : take_names()) on_name(told.first, told.second);
    auto at = taken_.load(std::memory_order_relaxed);
    auto freed = at;
    while (at != until) {
      if (at == new_base_.load(std::memory_order_relaxed)) base_of_writer_ = at;
      const word* row = ring_.get() + ((at - base_of_writer_) & mask_);
      if (kind_of(row) == row_kind::skip) {
        at += row[0] >> 8;
      } else {
        const auto length = length_of(row);
        on_row(row);
        at += length;
      }
      // Room comes back while the rest is still being worked on.
      if (at - freed > capacity_ / 16) taken_.store(freed = at, std::memory_order_release);
    }
    taken_.store(at, std::memory_order_release);
  }
  /// What was dropped since the last call.
  std::vector<lost_rows> take_losses();

private:
  std::vector<std::pair<std::uint32_t, std::string>> take_names();
  bool append_trade(row_kind kind, std::uint32_t symbol, std::uint64_t position,
                    const protocol::trade& value) {
    word* to = reserve(length_of(value));
    if (!to) return dropped(row_kind::trade, symbol, value.time_ns);
    pack(to, kind, symbol, position, value);
    return true;
  }
  bool note(row_kind kind, std::uint32_t symbol, std::uint64_t position, std::string_view first,
            std::string_view second);

  word* reserve(std::size_t words) noexcept {
    if (head_ + words > contiguous_until_) return reserve_carefully(words);
    auto* to = ring_.get() + ((head_ - base_) & mask_);
    head_ += words;
    return to;
  }
  word* reserve_carefully(std::size_t words) noexcept;
  bool dropped(row_kind kind, std::uint32_t symbol, std::int64_t time_ns);

  const std::size_t capacity_;  // words
  const std::size_t mask_;
  const std::unique_ptr<word[]> ring_;
  const std::function<void()> on_half_full_;

  // Counts of words since the beginning; a word's place in the ring is its count less the base's, modulo the
  // size. The producer's:
  alignas(64) std::uint64_t head_ = 0;
  std::uint64_t base_ = 0;
  std::uint64_t contiguous_until_ = 0;  // as far as is known to be free without going back to the start
  bool rung_ = false;
  alignas(64) std::atomic<std::uint64_t> published_{0};
  std::atomic<std::uint64_t> new_base_{0};
  // The writer's:
  alignas(64) std::atomic<std::uint64_t> taken_{0};
  std::uint64_t base_of_writer_ = 0;

  std::atomic<std::uint64_t> dropped_{0};
  std::mutex mutex_;  // of what follows, which is seldom touched
  std::vector<std::pair<std::uint32_t, std::string>> names_;
  std::unordered_map<std::uint64_t, hole> losses_;
};

}  // namespace tickcast::store
