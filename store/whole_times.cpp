#include "store/whole_times.hpp"

namespace tickcast::store {
namespace {

template <class Rows, class HandOn>
protocol::expected<std::optional<std::int64_t>> hand_over(protocol::expected<Rows>&& rows, HandOn&& hand_on) {
  if (!rows) return protocol::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  const auto last_ns = rows->back().time_ns;
  for (auto& row : *rows) hand_on(std::move(row));
  if (last_ns == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return last_ns + 1;
}

}  // namespace

protocol::expected<std::optional<std::int64_t>> read_piece(const history& of,
                                                           const protocol::topic_name& topic,
                                                           const range& which, protocol::feed_sink& to) {
  if (topic.kind == protocol::topic_kind::trade)
    return hand_over(read_whole_times(which, [&](const range& part) { return of.trades(topic.name, part); }),
                     [&](protocol::trade&& row) { to.on_trade(topic.name, std::move(row), {}); });
  if (topic.kind == protocol::topic_kind::quote)
    return hand_over(read_whole_times(which, [&](const range& part) { return of.quotes(topic.name, part); }),
                     [&](protocol::quote&& row) { to.on_quote(topic.name, std::move(row), {}); });
  return hand_over(
      read_whole_times(which,
                       [&](const range& part) { return of.bars(topic.interval_text, topic.name, part); }),
      [&](protocol::bar&& row) { to.on_bar(topic.name, topic.interval_text, std::move(row), {}); });
}

}  // namespace tickcast::store
