#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/codes.hpp"
#include "protocol/error.hpp"
#include "protocol/frame.hpp"
#include "protocol/market.hpp"

/// Client protocol v1 (docs/protocol.md): what clients send, decoded, and what they get, encoded.
namespace tickcast::protocol {

/// Up to where a device has seen its user's messages.
struct message_position {
  std::string epoch;
  std::uint64_t seq = 0;
};

struct connect_command {
  std::string token;    ///< empty: none is shown
  std::string api_key;  ///< a program's key; empty: none is shown
  std::optional<message_position> messages;
};
/// A new token of the same user, before the old one runs out.
struct refresh_command {
  std::string token;
};
/// The last update of a topic that a client that was away has had.
struct last_seen {
  std::string epoch;
  std::uint64_t seq = 0;
};
struct subscribe_command {
  std::vector<std::string> topics;  ///< at least one; grammar is checked by the receiver
  /// By topic, for those that the client wants to go on with; empty: none at all.
  std::vector<std::optional<last_seen>> seen = {};
};
struct unsubscribe_command {
  std::vector<std::string> topics;
};
/// Asks for what is kept of a topic's past; times in microseconds UTC, from <= time < to.
struct history_command {
  std::string topic;  ///< grammar is checked by the receiver
  std::optional<std::int64_t> from_us;
  std::optional<std::int64_t> to_us;
  std::size_t limit = 0;  ///< 1 … max_history_rows
};
/// A client's own ping: answered with an empty reply.
struct ping_command {};
/// Answer to the server's `ping` frame; has no id and gets no answer.
struct pong_command {};

/// A message to an event topic.
struct client_publish_command {
  std::string topic;  ///< grammar is checked by the receiver
  std::string data;   ///< compact JSON
  bool echo = true;   ///< false: not to the connection that sends it
};
/// Asks who is subscribed.
struct presence_command {
  std::string topic;  ///< grammar is checked by the receiver
};
/// The user has got these of the messages that are kept. Needs no id and then gets no answer.
struct ack_command {
  std::string epoch;
  std::vector<std::uint64_t> seqs;  ///< at least one
};
/// What none of ours is: for a backend or a plugin that has claimed the type. Without an id it gets no
/// answer.
struct call_command {
  std::string type;  ///< is_call_type
  std::string data;  ///< compact JSON; "null" where there is none
};

struct command {
  std::uint64_t id = 0;  ///< 1 … 2^53-1; 0: none, where that is allowed
  std::variant<connect_command, subscribe_command, unsubscribe_command, history_command, ping_command,
               pong_command, refresh_command, client_publish_command, presence_command, ack_command,
               call_command>
      what;
};

/// Whether backends can claim it: 1 to 64 letters, digits and `._-`, and none of the protocol's own words.
bool is_call_type(std::string_view type) noexcept;

/// Why a frame is no command. With an id the client gets an `error` frame with `id`; without one it cannot be
/// told apart from noise and the connection counts it (the error frame then carries id 0).
struct command_error {
  std::optional<std::uint64_t> id;
  error_code code = error_code::bad_request;
  std::string message;
};

/// Most messages one command may acknowledge.
inline constexpr std::size_t max_command_acks = 1000;
/// Most topics one command may name.
inline constexpr std::size_t max_command_topics = 2000;
/// Rows of a history command that names no limit, and most of any.
inline constexpr std::size_t default_history_rows = 500;
inline constexpr std::size_t max_history_rows = 5000;

tl::expected<command, command_error> decode_command(std::string_view frame, encoding as);

/// What a connect reply tells.
struct connect_result {
  std::string_view client;
  std::string_view user;        ///< empty: anonymous, left out
  std::string_view name;        ///< empty: left out
  std::int64_t expires_us = 0;  ///< when the sign-in runs out; 0: left out
  std::int64_t ping_ms = 0;
  std::string_view version;
};

struct topic_position {
  std::string_view topic;
  std::string_view epoch;
  std::uint64_t seq = 0;
  std::int64_t delayed_ms = 0;  ///< 0: it is not, and that is left out
  bool recovered = false;       ///< the updates that were missed follow, and no snapshot; else left out
};

/// What a pattern of a subscribe command matched; each of the topics has its position.
struct pattern_match {
  std::string_view pattern;
  std::vector<std::string_view> topics;
};

/// State of the feed behind a topic, as clients see it.
enum class feed_state : std::uint8_t { none, live, stale, gap, down, restarting, quarantined };
std::string_view to_string(feed_state state) noexcept;

struct feed_status {
  std::string_view name;  ///< empty: no feed has written the topic yet; `feed` is then left out
  feed_state state = feed_state::none;
  bool simulated = false;
  bool symbol_stale =
      false;  ///< this symbol is silent while its feed is not; `symbol_stale` is else left out
};

frame_ptr encode_connect_reply(encoding as, std::uint64_t id, const connect_result& result);
/// data: {"expires":…}, left out when it does not run out.
frame_ptr encode_refresh_reply(encoding as, std::uint64_t id, std::int64_t expires_us);
/// {"type":"expiring","data":{"expires":…}}: the sign-in is about to run out.
frame_ptr encode_expiring(encoding as, std::int64_t expires_us);
/// `patterns` is left out while there are none.
frame_ptr encode_subscribe_reply(encoding as, std::uint64_t id, std::span<const topic_position> topics,
                                 std::span<const pattern_match> patterns = {});
/// Where a topic stood when its past was read, and whether more of it lies beyond the rows on the side that
/// the limit cut. Updates after `position.seq` go on from the rows without hole or double.
struct history_head {
  topic_position position;  ///< epoch empty: nobody writes the topic now
  bool more = false;
};
/// data: {topic,epoch,seq,more,"bars":[…newest last, the forming one last]}
frame_ptr encode_history_reply(encoding as, std::uint64_t id, const history_head& head,
                               std::span<const bar> bars);
/// data: {topic,epoch,seq,more,"trades":[…newest last]}
frame_ptr encode_history_reply(encoding as, std::uint64_t id, const history_head& head,
                               std::span<const trade> trades);
/// A message of an event topic; `json` is compact.
struct past_event {
  std::uint64_t seq;
  std::string_view json;
};
/// data: {topic,epoch,seq,more,"events":[{seq,data}, …newest last]}
frame_ptr encode_history_reply(encoding as, std::uint64_t id, const history_head& head,
                               std::span<const past_event> events);
/// Reply with empty data (unsubscribe, ping).
frame_ptr encode_reply(encoding as, std::uint64_t id);
frame_ptr encode_error(encoding as, std::uint64_t id, error_code code, std::string_view message);
frame_ptr encode_ping(encoding as);
/// A message to a user. `at`: where it is kept; null: it is not. `json`: compact JSON.
frame_ptr encode_message(encoding as, std::string_view kind, std::string_view json,
                         const message_position* at);
/// data: {topic,epoch,seq}
frame_ptr encode_publish_reply(encoding as, std::uint64_t id, const topic_position& at);

struct present_user {
  std::string_view user;
  std::string_view name;
  std::uint64_t connections = 0;
};
/// Who is subscribed to a topic.
struct presence_result {
  topic_position at;  ///< the topic asked about, with where its `presence.` topic stands
  std::uint64_t connections = 0;
  std::uint64_t anonymous = 0;  ///< of them
  std::span<const present_user> users;
};
frame_ptr encode_presence_reply(encoding as, std::uint64_t id, const presence_result& result);
/// A backend's answer to a call; `json`: compact JSON.
frame_ptr encode_call_reply(encoding as, std::uint64_t id, std::string_view json);
/// A backend's refusal of a call: a code of its own, and data (compact JSON) unless empty.
frame_ptr encode_call_error(encoding as, std::uint64_t id, std::uint32_t code, std::string_view message,
                            std::string_view json);
/// Updates `from`..`to` of the topic were not sent; `lost` of them existed.
frame_ptr encode_gap(encoding as, std::string_view topic, std::uint64_t from, std::uint64_t to,
                     std::uint64_t lost);

// Times leave as whole microseconds. Decimals as docs/protocol.md, "Numbers", says.
frame_ptr encode_update(encoding as, std::string_view topic, std::uint64_t seq, const trade& value);
/// `day`: the day's figures with the amendment in them; left out while it has no trades.
frame_ptr encode_update(encoding as, std::string_view topic, std::uint64_t seq, const trade_amendment& value,
                        const day_totals& day);
frame_ptr encode_update(encoding as, std::string_view topic, std::uint64_t seq, const quote& value);
frame_ptr encode_update(encoding as, std::string_view topic, std::uint64_t seq, const bar& value);
/// `json`: the event's data as compact JSON text.
frame_ptr encode_event_update(encoding as, std::string_view topic, std::uint64_t seq, std::string_view json);

/// The first three fields of every snapshot.
struct snapshot_head {
  std::string_view topic;
  std::string_view epoch;
  std::uint64_t seq = 0;
  feed_status feed;
  std::int64_t delayed_ms = 0;  ///< how late the topic comes; 0: it does not, and that is left out
};

/// data: {"trades":[…newest last],"day":{open,high,low,volume,trades,previous_close?},"feed":{…}}; `day` only
/// when it has trades.
frame_ptr encode_trade_snapshot(encoding as, const snapshot_head& head, std::span<const trade> trades,
                                const day_totals& day);
/// data: {time,bid,bid_size,ask,ask_size,"feed":{…}}; without a quote only `feed`.
frame_ptr encode_quote_snapshot(encoding as, const snapshot_head& head, const std::optional<quote>& value);
/// data: {"bars":[…newest last, the forming one last],"feed":{…}}
frame_ptr encode_bar_snapshot(encoding as, const snapshot_head& head, std::span<const bar> bars);
/// data: {"last": …,"feed":{…}}; without a message no `last`. `json`: compact JSON or empty.
frame_ptr encode_event_snapshot(encoding as, const snapshot_head& head, std::string_view json);

}  // namespace tickcast::protocol
