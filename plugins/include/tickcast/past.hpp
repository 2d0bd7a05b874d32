#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

/// What a plugin asks of history, and what it gets.
namespace tickcast::plugins {

/// Which rows of the past: those with from_ns <= time < to_ns, nanoseconds since 1970 UTC by the venue's
/// clock; a bar's time is its beginning. Of more than `most` (at least 1, at most 50,000) the oldest or the
/// newest.
struct past {
  static constexpr std::size_t most_rows = 50'000;

  std::int64_t from_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t to_ns = std::numeric_limits<std::int64_t>::max();
  std::size_t most = 1000;
  bool newest = true;

  /// The last `count` rows up to now.
  static past last(std::size_t count) {
    past result;
    result.most = count;
    return result;
  }
  /// From a time on, oldest first; `to_ns` is not included.
  static past between(std::int64_t from_ns, std::int64_t to_ns = std::numeric_limits<std::int64_t>::max(),
                      std::size_t most = most_rows) {
    return {from_ns, to_ns, most, false};
  }
};

/// Why there is no answer.
enum class past_error : std::uint8_t {
  none,
  bad_request,  ///< no symbol, no interval, or no range; asking again will not help
  busy,         ///< too many questions at once, of this plugin or of the whole server: ask again later
  failed,       ///< history could not be read, or is not kept
};
std::string_view to_string(past_error code) noexcept;

/// Rows of a topic in ascending time, the newest last; of bars the one that forms, too, where the range has
/// it (`closed` is false then).
///
/// Joins to what is live: all updates of the topic up to `seq` of `epoch` are in it (as far as they lie in
/// the range), none behind it. So of those that on_trade and on_bar bring, whatever they came before the
/// answer or after it, the ones with a higher source::seq are the ones that go on from here.
template <class Row>
struct past_rows {
  past_error code = past_error::none;
  std::string error;  ///< a sentence, unless `code` is none
  std::string topic;
  std::vector<Row> rows;
  /// The range has more: newer ones where the oldest were asked for (go on one nanosecond behind the last
  /// row), else older ones. Rows of one time are never parted when the oldest are asked for.
  bool more = false;
  std::string epoch;  ///< empty: nobody has written the topic since the engine started
  std::uint64_t seq = 0;

  bool ok() const noexcept { return code == past_error::none; }
};

}  // namespace tickcast::plugins
