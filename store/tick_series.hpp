#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "protocol/market.hpp"
#include "store/block.hpp"
#include "store/history.hpp"
#include "store/packed_row.hpp"
#include "store/series_state.hpp"
#include "store/tier.hpp"

namespace tickcast::store {

/// A finished block. Never changed once it is shared.
struct sealed_block {
  block_key key;
  block_span span;
  std::string bytes;
};

/// What of a series is in memory and bears on a range, taken at one moment: of its blocks as many, from the
/// end that is kept, as the limit needs. Where they are not enough they are all, and the database answers for
/// the blocks below `before`; it always does for the late rows of journal records below `late_before`.
template <class Row>
struct tick_view {
  std::vector<std::shared_ptr<const sealed_block>> blocks;  ///< ascending
  std::vector<Row> open;                                    ///< in range, ascending, after all blocks
  std::vector<Row> late;  ///< in range, ascending; at equal times after all others
  block_key before;
  std::uint64_t late_before = ~std::uint64_t{0};
  std::int64_t late_until_ns = 0;  ///< no late row in the database is newer
};

/// Trades or quotes of one symbol, as far as they are in memory: finished blocks, the open one, and late rows
/// that are not in the database yet. Row: protocol::trade or protocol::quote.
///
/// Thread: one at a time; symbol_memory has the lock.
template <class Row>
class tick_series {
public:
  enum class taken : std::uint8_t { opened, added, late };
  static constexpr data_kind kind =
      std::is_same_v<Row, protocol::trade> ? data_kind::trade : data_kind::quote;

  /// Appends a packed row of `length` words that came with this journal record: to the open block, or to the
  /// late rows when it is older than the last finished block's end. `opened`: it is the first of a block.
  taken add(const word* row, std::size_t length, std::uint64_t record);

  std::size_t open_rows() const noexcept { return open_rows_; }
  bool has_open() const noexcept { return open_rows_ > 0; }
  std::uint64_t opened_in_record() const noexcept { return opened_in_; }
  /// Finishes the open block, which must have rows; with `and_small_before` a short block before it that is
  /// still in memory becomes part of it and is replaced. `record`: the journal record being made.
  std::shared_ptr<const sealed_block> seal(std::uint64_t record, std::size_t and_small_before,
                                           std::int64_t wall_ns);

  /// The late rows of this record as sorted rows, to be written; they stay readable until drop_late().
  std::shared_ptr<const std::vector<Row>> late_of(std::uint64_t record);
  /// Late rows up to this record are in the database.
  void drop_late(std::uint64_t up_to_record);
  /// Without a database: makes late rows part of the finished blocks, which are made anew. Errors: storage.
  protocol::expected<void> fold_late(std::size_t block_rows);
  std::size_t late_rows() const noexcept;

  /// Drops the oldest finished block; what it held is left to the database, or gone.
  void drop_oldest();
  /// Drops all finished blocks.
  void drop_sealed();
  /// Puts these blocks, ascending, in the place of all finished ones; the last one ends at the same time.
  void replace_sealed(std::deque<std::shared_ptr<const sealed_block>> by);
  const std::deque<std::shared_ptr<const sealed_block>>& sealed() const noexcept { return sealed_; }

  /// `cancelled`: so many of the rows at most do not count.
  tick_view<Row> view(const range& which, std::size_t cancelled) const;
  std::int64_t oldest_open_ns() const;  ///< the greatest int64 without open rows

  series_state& state() noexcept { return state_; }
  const series_state& state() const noexcept { return state_; }
  /// Bytes in memory.
  std::size_t bytes() const noexcept { return sealed_bytes_ + open_.capacity() * sizeof(word) + late_bytes_; }

private:
  struct late_batch {
    std::uint64_t record;
    std::vector<word> packed;                      // as they came; empty once they are rows
    std::shared_ptr<const std::vector<Row>> rows;  // sorted
  };
  static void unpack_all(const std::vector<word>& packed, std::vector<Row>& to);
  std::vector<Row> open_sorted() const;
  void add_blocks(const range& which, std::size_t enough, tick_view<Row>& to) const;
  void note_seen(std::int64_t time_ns);

  std::deque<std::shared_ptr<const sealed_block>> sealed_;
  std::vector<word> open_;
  std::size_t open_rows_ = 0;
  std::uint64_t opened_in_ = 0;
  std::int64_t open_last_ns_ = 0;
  bool open_in_order_ = true;
  std::vector<late_batch> late_;
  std::size_t sealed_bytes_ = 0;
  std::size_t late_bytes_ = 0;
  // Rows of the journal record being made.
  std::uint64_t counted_record_ = 0;
  std::uint32_t rows_of_record_ = 0;
  series_state state_;
};

/// Cuts rows in ascending time into blocks of so many.
template <class Row>
std::deque<std::shared_ptr<const sealed_block>> cut_into_blocks(std::span<const Row> rows,
                                                                std::size_t block_rows);

extern template class tick_series<protocol::trade>;
extern template class tick_series<protocol::quote>;

}  // namespace tickcast::store
