#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

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

/// The rows of a range that a limit has let through, ascending.
template <class Row>
struct stretch {
  std::vector<Row> rows;
  bool more = false;  ///< the range has further ones, at the end that the limit does not keep
};

/// Reads the oldest or newest rows of a range, at most `which.limit`; the oldest without parting those of one
/// time, so that there may be more where one time alone has more. `read` takes a range and gives rows or an
/// error.
template <class Row, class Read>
protocol::expected<stretch<Row>> read_stretch(range which, const Read& read) {
  const auto limit = which.limit++;
  auto rows = read(which);
  if (!rows) return protocol::unexpected(std::move(rows.error()));
  if (rows->size() <= limit) return stretch<Row>{std::move(*rows), false};
  if (which.which == keep::newest) {
    rows->erase(rows->begin());
    return stretch<Row>{std::move(*rows), true};
  }
  const auto cut_ns = rows->back().time_ns;
  const bool one_time = rows->front().time_ns == cut_ns;
  std::erase_if(*rows, [cut_ns](const Row& row) { return row.time_ns == cut_ns; });
  if (!one_time) return stretch<Row>{std::move(*rows), true};
  which.from_ns = cut_ns;
  which.to_ns = cut_ns + 1;
  which.limit = std::numeric_limits<std::size_t>::max();
  auto all = read(which);
  if (!all) return protocol::unexpected(std::move(all.error()));
  return stretch<Row>{std::move(*all), true};
}

/// The next piece of a topic's rows, handed to `to`; the time to go on from, or nothing at the end. `topic`:
/// of kind trade, quote or bar. Error: storage.
protocol::expected<std::optional<std::int64_t>> read_piece(const history& of,
                                                           const protocol::topic_name& topic,
                                                           const range& which, protocol::feed_sink& to);

}  // namespace tickcast::store
