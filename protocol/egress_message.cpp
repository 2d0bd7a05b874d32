#include "protocol/egress_message.hpp"

#include "protocol/indicator_message.hpp"
#include "protocol/json_writer.hpp"
#include "protocol/market_fields.hpp"
#include "protocol/msgpack_writer.hpp"

namespace tickcast::protocol {
namespace {

using namespace fields;
constexpr auto ns = time_unit::nanoseconds;

/// `write` describes `data`.
template <class Write>
std::string build(std::string_view type, const egress_position& at, std::size_t room, Write&& write) {
  std::string buffer;
  buffer.reserve(head_room + at.topic.size() + at.epoch.size() + room);
  msgpack_writer to(buffer);
  to.begin_map(5);
  to.key("type");
  to.plain(type);
  to.key("topic");
  to.plain(at.topic);
  to.key("epoch");
  to.plain(at.epoch);
  to.key("seq");
  to.natural(at.seq);
  to.key("data");
  write(to);
  return buffer;
}

/// `write` describes the `count` fields before `feed`.
template <class Write>
std::string build_snapshot(const snapshot_head& head, std::size_t count, std::size_t room, Write&& write) {
  return build("snapshot", {head.topic, head.epoch, head.seq}, head_room + room, [&](msgpack_writer& to) {
    to.begin_map(count + has_feed(head));
    write(to);
    write_feed(to, head);
  });
}

}  // namespace

std::string encode_egress_update(const egress_position& at, const trade& value) {
  return build("update", at, trade_room, [&](msgpack_writer& to) { write_trade<ns>(to, value); });
}

std::string encode_egress_update(const egress_position& at, const trade_amendment& value,
                                 const day_totals& day) {
  return build("update", at, 2 * trade_room,
               [&](msgpack_writer& to) { write_amendment<ns>(to, value, day); });
}

std::string encode_egress_update(const egress_position& at, const quote& value) {
  return build("update", at, quote_room, [&](msgpack_writer& to) {
    to.begin_map(quote_fields);
    write_quote_fields<ns>(to, value);
  });
}

std::string encode_egress_update(const egress_position& at, const bar& value) {
  return build("update", at, bar_room, [&](msgpack_writer& to) { write_bar<ns>(to, value); });
}

std::string encode_egress_event(const egress_position& at, std::string_view json) {
  return build("update", at, json.size(), [&](msgpack_writer& to) { to.json(json); });
}

std::string encode_egress_indicator(const egress_position& at, std::span<const std::string> names,
                                    const indicator_point& value) {
  return build("update", at, point_room(names),
               [&](msgpack_writer& to) { write_point<ns>(to, names, value); });
}

std::string encode_egress_indicator_snapshot(const snapshot_head& head, std::span<const std::string> names,
                                             std::span<const indicator_point> points) {
  return build_snapshot(head, 1, points.size() * point_room(names),
                        [&](msgpack_writer& to) { write_points<ns>(to, names, points); });
}

std::string indicator_json(std::span<const std::string> names, const indicator_point& value) {
  std::string result;
  {
    json_writer to(result);
    write_point<ns>(to, names, value);
  }
  return result;
}

std::string encode_egress_snapshot(const snapshot_head& head, std::span<const trade> trades,
                                   const day_totals& day) {
  return build_snapshot(head, 1U + (day.trades > 0), (trades.size() + 2) * trade_room,
                        [&](msgpack_writer& to) { write_trades<ns>(to, trades, day); });
}

std::string encode_egress_snapshot(const snapshot_head& head, const std::optional<quote>& value) {
  return build_snapshot(head, value ? quote_fields : 0, quote_room, [&](msgpack_writer& to) {
    if (value) write_quote_fields<ns>(to, *value);
  });
}

std::string encode_egress_snapshot(const snapshot_head& head, std::span<const bar> bars) {
  return build_snapshot(head, 1, bars.size() * bar_room,
                        [&](msgpack_writer& to) { write_bars<ns>(to, bars); });
}

std::string encode_egress_event_snapshot(const snapshot_head& head, std::string_view json) {
  return build_snapshot(head, json.empty() ? 0 : 1, json.size(), [&](msgpack_writer& to) {
    if (json.empty()) return;
    to.key("last");
    to.json(json);
  });
}

}  // namespace tickcast::protocol
