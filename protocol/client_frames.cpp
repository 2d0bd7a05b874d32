#include <utility>

#include "protocol/client_message.hpp"
#include "protocol/json_writer.hpp"
#include "protocol/market_fields.hpp"
#include "protocol/msgpack_writer.hpp"

namespace tickcast::protocol {
namespace {

using namespace fields;
constexpr auto us = time_unit::microseconds;

/// `write` describes the message to a json_writer or to a msgpack_writer.
template <class Write>
frame_ptr build(encoding as, std::size_t room, Write&& write) {
  std::string buffer = begin_frame(room);
  if (as == encoding::json) {
    json_writer writer(buffer);
    write(writer);
  } else {
    msgpack_writer writer(buffer);
    write(writer);
  }
  return finish_frame(std::move(buffer), as);
}

template <class Writer>
void begin_message(Writer& to, std::string_view type, std::size_t fields) {
  to.begin_map(fields);
  to.key("type");
  to.plain(type);
}

template <class Writer>
void write_topic(Writer& to, std::string_view topic) {
  to.key("topic");
  to.text(topic);
}

template <class Writer>
void write_seq(Writer& to, std::uint64_t seq) {
  to.key("seq");
  to.natural(seq);
}

template <class Writer>
void write_delay(Writer& to, std::int64_t ms) {
  if (ms == 0) return;
  to.key("delayed_ms");
  to.whole(ms);
}

template <class Writer>
void begin_reply(Writer& to, std::string_view type, std::uint64_t id) {
  begin_message(to, type, 3);
  to.key("id");
  to.natural(id);
  to.key("data");
}

/// An update up to `data`, whose value `write` describes.
template <class Write>
frame_ptr build_update(encoding as, std::string_view topic, std::uint64_t seq, std::size_t room,
                       Write&& write) {
  return build(as, head_room + topic.size() + room, [&](auto& to) {
    begin_message(to, "update", 4);
    write_topic(to, topic);
    write_seq(to, seq);
    to.key("data");
    write(to);
    to.end_map();
  });
}

/// A snapshot; `write` describes the `fields` of its data before `feed`.
template <class Write>
frame_ptr build_snapshot(encoding as, const snapshot_head& head, std::size_t fields, std::size_t room,
                         Write&& write) {
  return build(as, 2 * head_room + head.topic.size() + head.epoch.size() + room, [&](auto& to) {
    begin_message(to, "snapshot", 5U + (head.delayed_ms != 0));
    write_topic(to, head.topic);
    to.key("epoch");
    to.text(head.epoch);
    write_seq(to, head.seq);
    write_delay(to, head.delayed_ms);
    to.key("data");
    to.begin_map(fields + has_feed(head));
    write(to);
    write_feed(to, head);
    to.end_map();
    to.end_map();
  });
}

/// A history command's reply; `write` describes its rows, one field.
template <class Write>
frame_ptr build_history(encoding as, std::uint64_t id, const history_head& head, std::size_t room,
                        Write&& write) {
  return build(as, 2 * head_room + head.position.topic.size() + room, [&](auto& to) {
    begin_reply(to, "reply", id);
    to.begin_map(5U + (head.position.delayed_ms != 0));
    write_topic(to, head.position.topic);
    to.key("epoch");
    to.text(head.position.epoch);
    write_seq(to, head.position.seq);
    write_delay(to, head.position.delayed_ms);
    to.key("more");
    to.boolean(head.more);
    write(to);
    to.end_map();
    to.end_map();
  });
}

}  // namespace

std::string_view to_string(feed_state state) noexcept {
  switch (state) {
    case feed_state::none:
      return "none";
    case feed_state::live:
      return "live";
    case feed_state::stale:
      return "stale";
    case feed_state::gap:
      return "gap";
    case feed_state::down:
      return "down";
    case feed_state::restarting:
      return "restarting";
    case feed_state::quarantined:
      return "quarantined";
  }
  return "none";
}

frame_ptr encode_refresh_reply(encoding as, std::uint64_t id, std::int64_t expires_us) {
  return build(as, head_room, [&](auto& to) {
    begin_reply(to, "reply", id);
    to.begin_map(expires_us != 0 ? 1 : 0);
    if (expires_us != 0) {
      to.key("expires");
      to.whole(expires_us);
    }
    to.end_map();
    to.end_map();
  });
}

frame_ptr encode_expiring(encoding as, std::int64_t expires_us) {
  return build(as, head_room, [&](auto& to) {
    begin_message(to, "expiring", 2);
    to.key("data");
    to.begin_map(1);
    to.key("expires");
    to.whole(expires_us);
    to.end_map();
    to.end_map();
  });
}

frame_ptr encode_connect_reply(encoding as, std::uint64_t id, const connect_result& result) {
  return build(as, 2 * head_room, [&](auto& to) {
    begin_reply(to, "reply", id);
    to.begin_map(3U + !result.user.empty() + !result.name.empty() + (result.expires_us != 0));
    to.key("client");
    to.text(result.client);
    if (!result.user.empty()) {
      to.key("user");
      to.text(result.user);
    }
    if (!result.name.empty()) {
      to.key("name");
      to.text(result.name);
    }
    if (result.expires_us != 0) {
      to.key("expires");
      to.whole(result.expires_us);
    }
    to.key("ping_ms");
    to.whole(result.ping_ms);
    to.key("version");
    to.text(result.version);
    to.end_map();
    to.end_map();
  });
}

namespace {

template <class Writer>
void write_position(Writer& to, const topic_position& position) {
  to.begin_map(3U + (position.delayed_ms != 0) + position.recovered);
  write_topic(to, position.topic);
  to.key("epoch");
  to.text(position.epoch);
  write_seq(to, position.seq);
  write_delay(to, position.delayed_ms);
  if (position.recovered) {
    to.key("recovered");
    to.boolean(true);
  }
  to.end_map();
}

template <class Writer>
void write_match(Writer& to, const pattern_match& match) {
  to.begin_map(2);
  to.key("pattern");
  to.text(match.pattern);
  to.key("topics");
  to.begin_array(match.topics.size());
  for (const auto topic : match.topics) to.text(topic);
  to.end_array();
  to.end_map();
}

}  // namespace

frame_ptr encode_subscribe_reply(encoding as, std::uint64_t id, std::span<const topic_position> topics,
                                 std::span<const pattern_match> patterns) {
  return build(as, head_room + topics.size() * 80, [&](auto& to) {
    begin_reply(to, "reply", id);
    to.begin_map(1U + !patterns.empty());
    to.key("topics");
    to.begin_array(topics.size());
    for (const topic_position& position : topics) write_position(to, position);
    to.end_array();
    if (!patterns.empty()) {
      to.key("patterns");
      to.begin_array(patterns.size());
      for (const pattern_match& match : patterns) write_match(to, match);
      to.end_array();
    }
    to.end_map();
    to.end_map();
  });
}

frame_ptr encode_history_reply(encoding as, std::uint64_t id, const history_head& head,
                               std::span<const bar> bars) {
  return build_history(as, id, head, bars.size() * bar_room, [&](auto& to) { write_bars<us>(to, bars); });
}

frame_ptr encode_history_reply(encoding as, std::uint64_t id, const history_head& head,
                               std::span<const trade> trades) {
  return build_history(as, id, head, trades.size() * trade_room,
                       [&](auto& to) { write_trades<us>(to, trades, {}); });
}

frame_ptr encode_history_reply(encoding as, std::uint64_t id, const history_head& head,
                               std::span<const past_event> events) {
  std::size_t room = 0;
  for (const past_event& event : events) room += event.json.size() + 24;
  return build_history(as, id, head, room, [&](auto& to) {
    to.key("events");
    to.begin_array(events.size());
    for (const past_event& event : events) {
      to.begin_map(2);
      write_seq(to, event.seq);
      to.key("data");
      to.json(event.json);
      to.end_map();
    }
    to.end_array();
  });
}

frame_ptr encode_reply(encoding as, std::uint64_t id) {
  return build(as, head_room, [&](auto& to) {
    begin_reply(to, "reply", id);
    to.begin_map(0);
    to.end_map();
    to.end_map();
  });
}

frame_ptr encode_error(encoding as, std::uint64_t id, error_code code, std::string_view message) {
  return build(as, head_room + message.size(), [&](auto& to) {
    begin_reply(to, "error", id);
    to.begin_map(3);
    to.key("code");
    to.natural(static_cast<std::uint64_t>(code));
    to.key("message");
    to.text(message);
    to.key("temporary");
    to.boolean(is_temporary(code));
    to.end_map();
    to.end_map();
  });
}

frame_ptr encode_message(encoding as, std::string_view kind, std::string_view json,
                         const message_position* at) {
  return build(as, 2 * head_room + kind.size() + json.size(), [&](auto& to) {
    begin_message(to, "message", at ? 5 : 3);
    to.key("kind");
    to.text(kind);
    to.key("data");
    to.json(json);
    if (at) {
      to.key("epoch");
      to.text(at->epoch);
      write_seq(to, at->seq);
    }
    to.end_map();
  });
}

frame_ptr encode_publish_reply(encoding as, std::uint64_t id, const topic_position& at) {
  return build(as, 2 * head_room + at.topic.size(), [&](auto& to) {
    begin_reply(to, "reply", id);
    to.begin_map(3);
    write_topic(to, at.topic);
    to.key("epoch");
    to.text(at.epoch);
    write_seq(to, at.seq);
    to.end_map();
    to.end_map();
  });
}

frame_ptr encode_presence_reply(encoding as, std::uint64_t id, const presence_result& result) {
  return build(as, (result.users.size() + 3) * head_room, [&](auto& to) {
    begin_reply(to, "reply", id);
    to.begin_map(6);
    write_topic(to, result.at.topic);
    to.key("epoch");
    to.text(result.at.epoch);
    write_seq(to, result.at.seq);
    to.key("connections");
    to.natural(result.connections);
    to.key("anonymous");
    to.natural(result.anonymous);
    to.key("users");
    to.begin_array(result.users.size());
    for (const auto& each : result.users) {
      to.begin_map(2U + !each.name.empty());
      to.key("user");
      to.text(each.user);
      if (!each.name.empty()) {
        to.key("name");
        to.text(each.name);
      }
      to.key("connections");
      to.natural(each.connections);
      to.end_map();
    }
    to.end_array();
    to.end_map();
    to.end_map();
  });
}

frame_ptr encode_call_reply(encoding as, std::uint64_t id, std::string_view json) {
  return build(as, head_room + json.size(), [&](auto& to) {
    begin_reply(to, "reply", id);
    to.json(json);
    to.end_map();
  });
}

frame_ptr encode_call_error(encoding as, std::uint64_t id, std::uint32_t code, std::string_view message,
                            std::string_view json) {
  return build(as, head_room + message.size() + json.size(), [&](auto& to) {
    begin_reply(to, "error", id);
    to.begin_map(3U + !json.empty());
    to.key("code");
    to.natural(code);
    to.key("message");
    to.text(message);
    to.key("temporary");
    to.boolean(false);
    if (!json.empty()) {
      to.key("data");
      to.json(json);
    }
    to.end_map();
    to.end_map();
  });
}

frame_ptr encode_ping(encoding as) {
  return build(as, 16, [](auto& to) {
    begin_message(to, "ping", 1);
    to.end_map();
  });
}

frame_ptr encode_gap(encoding as, std::string_view topic, std::uint64_t from, std::uint64_t to_seq,
                     std::uint64_t lost) {
  return build(as, head_room + topic.size(), [&](auto& to) {
    begin_message(to, "gap", 3);
    write_topic(to, topic);
    to.key("data");
    to.begin_map(3);
    to.key("from");
    to.natural(from);
    to.key("to");
    to.natural(to_seq);
    to.key("lost");
    to.natural(lost);
    to.end_map();
    to.end_map();
  });
}

frame_ptr encode_update(encoding as, std::string_view topic, std::uint64_t seq, const trade& value) {
  return build_update(as, topic, seq, trade_room, [&](auto& to) { write_trade<us>(to, value); });
}

frame_ptr encode_update(encoding as, std::string_view topic, std::uint64_t seq, const trade_amendment& value,
                        const day_totals& day) {
  return build_update(as, topic, seq, 2 * trade_room, [&](auto& to) { write_amendment<us>(to, value, day); });
}

frame_ptr encode_update(encoding as, std::string_view topic, std::uint64_t seq, const quote& value) {
  return build_update(as, topic, seq, quote_room, [&](auto& to) {
    to.begin_map(quote_fields);
    write_quote_fields<us>(to, value);
    to.end_map();
  });
}

frame_ptr encode_update(encoding as, std::string_view topic, std::uint64_t seq, const bar& value) {
  return build_update(as, topic, seq, bar_room, [&](auto& to) { write_bar<us>(to, value); });
}

frame_ptr encode_event_update(encoding as, std::string_view topic, std::uint64_t seq, std::string_view json) {
  return build_update(as, topic, seq, json.size(), [&](auto& to) { to.json(json); });
}

frame_ptr encode_indicator_update(encoding as, std::string_view topic, std::uint64_t seq,
                                  std::span<const std::string> names, const indicator_point& value) {
  return build_update(as, topic, seq, point_room(names),
                      [&](auto& to) { write_point<us>(to, names, value); });
}

frame_ptr encode_indicator_snapshot(encoding as, const snapshot_head& head,
                                    std::span<const std::string> names,
                                    std::span<const indicator_point> points) {
  return build_snapshot(as, head, 1, points.size() * point_room(names),
                        [&](auto& to) { write_points<us>(to, names, points); });
}

frame_ptr encode_trade_snapshot(encoding as, const snapshot_head& head, std::span<const trade> trades,
                                const day_totals& day) {
  const bool has_day = day.trades > 0;
  return build_snapshot(as, head, 1U + has_day, (trades.size() + 2) * trade_room,
                        [&](auto& to) { write_trades<us>(to, trades, day); });
}

frame_ptr encode_quote_snapshot(encoding as, const snapshot_head& head, const std::optional<quote>& value) {
  return build_snapshot(as, head, value ? quote_fields : 0, quote_room, [&](auto& to) {
    if (value) write_quote_fields<us>(to, *value);
  });
}

frame_ptr encode_bar_snapshot(encoding as, const snapshot_head& head, std::span<const bar> bars) {
  return build_snapshot(as, head, 1, bars.size() * bar_room, [&](auto& to) { write_bars<us>(to, bars); });
}

frame_ptr encode_event_snapshot(encoding as, const snapshot_head& head, std::string_view json) {
  return build_snapshot(as, head, json.empty() ? 0 : 1, json.size(), [&](auto& to) {
    if (json.empty()) return;
    to.key("last");
    to.json(json);
  });
}

}  // namespace tickcast::protocol
