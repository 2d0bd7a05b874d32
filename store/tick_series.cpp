#include "store/tick_series.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace tickcast::store {
namespace {

constexpr auto by_time = [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; };

template <class Row>
void keep_range(std::vector<Row>& rows, std::int64_t from_ns, std::int64_t to_ns) {
  std::erase_if(rows, [&](const Row& row) { return row.time_ns < from_ns || row.time_ns >= to_ns; });
}

}  // namespace

template <class Row>
auto tick_series<Row>::add(const word* row, std::size_t length, std::uint64_t record) -> taken {
  if (counted_record_ != record) {
    counted_record_ = record;
    rows_of_record_ = 0;
  }
  ++rows_of_record_;
  const auto time_ns = time_of(row);
  note_seen(time_ns);
  if (state_.has_blocks && time_ns < state_.end_ns) {
    if (late_.empty() || late_.back().record != record || late_.back().rows)
      late_.push_back({record, {}, {}});
    auto& packed = late_.back().packed;
    packed.insert(packed.end(), row, row + length);
    late_bytes_ += length * sizeof(word);
    return taken::late;
  }
  const bool first = open_rows_ == 0;
  if (first) {
    opened_in_ = record;
    open_in_order_ = true;
  } else if (time_ns < open_last_ns_) {
    open_in_order_ = false;
  }
  open_last_ns_ = time_ns;
  open_.insert(open_.end(), row, row + length);
  ++open_rows_;
  return first ? taken::opened : taken::added;
}

template <class Row>
void tick_series<Row>::note_seen(std::int64_t time_ns) {
  state_.newest_ns = std::max(state_.newest_ns, time_ns);
  state_.oldest_ns = std::min(state_.oldest_ns, time_ns);
}

template <class Row>
void tick_series<Row>::unpack_all(const std::vector<word>& packed, std::vector<Row>& to) {
  for (const word* row = packed.data(); row != packed.data() + packed.size(); row += length_of(row)) {
    to.emplace_back();
    unpack(row, to.back());
  }
}

template <class Row>
std::vector<Row> tick_series<Row>::open_sorted() const {
  std::vector<Row> rows;
  rows.reserve(open_rows_);
  unpack_all(open_, rows);
  if (!open_in_order_) std::stable_sort(rows.begin(), rows.end(), by_time);
  return rows;
}

template <class Row>
std::shared_ptr<const sealed_block> tick_series<Row>::seal(std::uint64_t record, std::size_t and_small_before,
                                                           std::int64_t wall_ns) {
  auto rows = open_sorted();
  auto key = state_.next_key();
  key = rows.front().time_ns > key.first_ns || !state_.has_blocks ? block_key{rows.front().time_ns, 0} : key;
  if (!sealed_.empty() && sealed_.back()->span.rows + rows.size() <= and_small_before) {
    std::vector<Row> joined;
    // What this very process encoded decodes; if not, the short block stays as it is.
    if (decode_block(sealed_.back()->bytes, joined)) {
      joined.insert(joined.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
      rows = std::move(joined);
      key = sealed_.back()->key;
      state_.bytes -= sealed_.back()->bytes.size();
      sealed_bytes_ -= sealed_.back()->bytes.size();
      sealed_.pop_back();
    }
  }
  auto block = std::make_shared<const sealed_block>(
      sealed_block{key,
                   {rows.front().time_ns, rows.back().time_ns, static_cast<std::uint32_t>(rows.size())},
                   encode_block(std::span<const Row>(rows))});
  sealed_.push_back(block);
  sealed_bytes_ += block->bytes.size();
  state_.bytes += block->bytes.size();
  state_.has_blocks = true;
  state_.last = key;
  state_.end_ns = rows.back().time_ns;
  state_.sealed_record = record;
  state_.sealed_rows = counted_record_ == record ? rows_of_record_ : 0;
  state_.written_ns = wall_ns;
  // A symbol that grew quiet gives back what it needed when it was busy.
  if (open_.capacity() > 4 * open_.size()) std::vector<word>().swap(open_);
  open_.clear();
  open_rows_ = 0;
  return block;
}

template <class Row>
std::shared_ptr<const std::vector<Row>> tick_series<Row>::late_of(std::uint64_t record) {
  if (late_.empty() || late_.back().record != record || late_.back().rows) return nullptr;
  auto rows = std::make_shared<std::vector<Row>>();
  unpack_all(late_.back().packed, *rows);
  std::stable_sort(rows->begin(), rows->end(), by_time);
  std::vector<word>().swap(late_.back().packed);
  late_.back().rows = rows;
  return rows;
}

template <class Row>
void tick_series<Row>::drop_late(std::uint64_t up_to_record) {
  std::erase_if(late_, [&](const late_batch& each) { return each.record <= up_to_record && each.rows; });
  if (late_.empty()) late_bytes_ = 0;
}

template <class Row>
std::size_t tick_series<Row>::late_rows() const noexcept {
  std::size_t rows = 0;
  for (const auto& each : late_) rows += each.rows ? each.rows->size() : each.packed.size() / trade_words;
  return rows;
}

template <class Row>
protocol::expected<void> tick_series<Row>::fold_late(std::size_t block_rows) {
  std::vector<Row> rows;
  for (const auto& block : sealed_)
    if (const auto done = decode_block(block->bytes, rows); !done) return protocol::unexpected(done.error());
  for (const auto& each : late_) {
    if (each.rows)
      rows.insert(rows.end(), each.rows->begin(), each.rows->end());
    else
      unpack_all(each.packed, rows);
  }
  std::stable_sort(rows.begin(), rows.end(), by_time);
  replace_sealed(cut_into_blocks(std::span<const Row>(rows), block_rows));
  late_.clear();
  late_bytes_ = 0;
  return {};
}

template <class Row>
void tick_series<Row>::drop_oldest() {
  sealed_bytes_ -= sealed_.front()->bytes.size();
  sealed_.pop_front();
}

template <class Row>
void tick_series<Row>::drop_sealed() {
  sealed_.clear();
  sealed_bytes_ = 0;
}

template <class Row>
void tick_series<Row>::replace_sealed(std::deque<std::shared_ptr<const sealed_block>> by) {
  sealed_ = std::move(by);
  sealed_bytes_ = 0;
  for (const auto& block : sealed_) sealed_bytes_ += block->bytes.size();
  if (!sealed_.empty()) state_.last = sealed_.back()->key;
}

template <class Row>
void tick_series<Row>::add_blocks(const range& which, std::size_t enough, tick_view<Row>& to) const {
  // Blocks do not overlap, so both of their times ascend.
  const auto first = std::partition_point(
      sealed_.begin(), sealed_.end(), [&](const auto& block) { return block->span.last_ns < which.from_ns; });
  const auto last = std::partition_point(
      first, sealed_.end(), [&](const auto& block) { return block->span.first_ns < which.to_ns; });
  std::size_t rows = 0;
  const auto take = [&](const std::shared_ptr<const sealed_block>& block) {
    to.blocks.push_back(block);
    // Of a block on the border it is not known how many rows are within.
    if (block->span.first_ns >= which.from_ns && block->span.last_ns < which.to_ns) rows += block->span.rows;
  };
  if (which.which == keep::oldest) {
    for (auto at = first; at != last && rows < enough; ++at) take(*at);
  } else {
    for (auto at = last; at != first && rows < enough;) take(*--at);
    std::reverse(to.blocks.begin(), to.blocks.end());
  }
}

template <class Row>
tick_view<Row> tick_series<Row>::view(const range& which, std::size_t cancelled) const {
  tick_view<Row> seen;
  if (open_rows_ > 0) {
    seen.open = open_sorted();
    keep_range(seen.open, which.from_ns, which.to_ns);
  }
  const auto wanted = which.limit > std::numeric_limits<std::size_t>::max() - cancelled
                          ? std::numeric_limits<std::size_t>::max()
                          : which.limit + cancelled;
  const bool open_first = which.which == keep::newest;
  add_blocks(which, open_first ? wanted - std::min(wanted, seen.open.size()) : wanted, seen);
  for (const auto& each : late_) {
    seen.late_before = std::min(seen.late_before, each.record);
    if (each.rows)
      seen.late.insert(seen.late.end(), each.rows->begin(), each.rows->end());
    else
      unpack_all(each.packed, seen.late);
  }
  keep_range(seen.late, which.from_ns, which.to_ns);
  std::stable_sort(seen.late.begin(), seen.late.end(), by_time);
  seen.before = sealed_.empty() ? state_.next_key() : sealed_.front()->key;
  seen.late_until_ns = state_.late_until_ns;
  return seen;
}

template <class Row>
std::int64_t tick_series<Row>::oldest_open_ns() const {
  auto oldest = std::numeric_limits<std::int64_t>::max();
  for (const word* row = open_.data(); row != open_.data() + open_.size(); row += length_of(row))
    oldest = std::min(oldest, time_of(row));
  return oldest;
}

template <class Row>
std::deque<std::shared_ptr<const sealed_block>> cut_into_blocks(std::span<const Row> rows,
                                                                std::size_t block_rows) {
  std::deque<std::shared_ptr<const sealed_block>> blocks;
  while (!rows.empty()) {
    const auto piece = rows.first(std::min(block_rows, rows.size()));
    rows = rows.subspan(piece.size());
    block_key key{piece.front().time_ns, 0};
    if (!blocks.empty() && blocks.back()->key.first_ns == key.first_ns)
      key.serial = blocks.back()->key.serial + 1;
    blocks.push_back(std::make_shared<const sealed_block>(
        sealed_block{key,
                     {key.first_ns, piece.back().time_ns, static_cast<std::uint32_t>(piece.size())},
                     encode_block(piece)}));
  }
  return blocks;
}

template class tick_series<protocol::trade>;
template class tick_series<protocol::quote>;
template std::deque<std::shared_ptr<const sealed_block>> cut_into_blocks(std::span<const protocol::trade>,
                                                                         std::size_t);
template std::deque<std::shared_ptr<const sealed_block>> cut_into_blocks(std::span<const protocol::quote>,
                                                                         std::size_t);

}  // namespace tickcast::store
