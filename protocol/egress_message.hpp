#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/client_message.hpp"
#include "protocol/market.hpp"

/// The messages of the egress (docs/egress.md): two frames, the topic with a delimiter behind it, and a
/// MessagePack map {type: "snapshot"|"update", topic, epoch, seq, data}. `data` has the fields of the client
/// protocol, with times in nanoseconds.
namespace tickcast::protocol {

/// Ends the topic frame. No topic holds it, so a subscription that ends with it means one topic alone.
inline constexpr char egress_delimiter = ' ';

/// Where an update stands.
struct egress_position {
  std::string_view topic;
  std::string_view epoch;
  std::uint64_t seq = 0;
};

std::string encode_egress_update(const egress_position& at, const trade& value);
std::string encode_egress_update(const egress_position& at, const trade_amendment& value,
                                 const day_totals& day);
std::string encode_egress_update(const egress_position& at, const quote& value);
std::string encode_egress_update(const egress_position& at, const bar& value);
/// `json`: the event's data as compact JSON text.
std::string encode_egress_event(const egress_position& at, std::string_view json);

std::string encode_egress_snapshot(const snapshot_head& head, std::span<const trade> trades,
                                   const day_totals& day);
std::string encode_egress_snapshot(const snapshot_head& head, const std::optional<quote>& value);
std::string encode_egress_snapshot(const snapshot_head& head, std::span<const bar> bars);
/// `json`: compact JSON or empty.
std::string encode_egress_event_snapshot(const snapshot_head& head, std::string_view json);

}  // namespace tickcast::protocol
