#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "protocol/feed_message.hpp"
#include "protocol/topic.hpp"
#include "store/history.hpp"

/// Reading history piece by piece: rows of one time are never parted, so that whoever has a piece goes on one
/// nanosecond behind its last row, and an empty piece is the end.
namespace tickcast::store {

/// The oldest rows of the range, about `which.limit` of them: fewer where the last time would be cut, more
/// where one time alone has more. `read` takes a range and gives rows or an error.
template <class Read>
auto read_whole_times(range which, const Read& read) -> decltype(read(which)) {
  which.which = keep::oldest;
  auto rows = read(which);
  if (!rows || rows->size() < which.limit || rows->empty()) return rows;
  const auto last_ns = rows->back().time_ns;
  const auto cut =
      std::find_if(rows->begin(), rows->end(), [last_ns](const auto& row) { return row.time_ns == last_ns; });
  if (cut != rows->begin()) {
    rows->erase(cut, rows->end());
    return rows;
  }
  which.from_ns = last_ns;
  if (last_ns < which.to_ns - 1) which.to_ns = last_ns + 1;
  which.limit = std::numeric_limits<std::size_t>::max();
  return read(which);
}

/// The next piece of a topic's rows, handed to `to`; the time to go on from, or nothing at the end. `topic`:
/// of kind trade, quote or bar. Error: storage.
protocol::expected<std::optional<std::int64_t>> read_piece(const history& of,
                                                           const protocol::topic_name& topic,
                                                           const range& which, protocol::feed_sink& to);

}  // namespace tickcast::store
