#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/client_message.hpp"
#include "protocol/egress_message.hpp"

/// What topics of indicators say (docs/protocol.md). `names` are those of the outputs, in the spelling of the
/// topic; a point has a value for each of them.
namespace tickcast::protocol {

/// The most outputs an indicator has.
inline constexpr std::size_t most_indicator_values = 5;

/// An indicator at one bar.
struct indicator_point {
  std::int64_t time_ns = 0;  ///< the bar's
  bool closed = false;       ///< whether the bar is; else it still forms
  /// One an output, in order; NaN, written as null, where there is none yet.
  std::array<double, most_indicator_values> values{};
};

using indicator_names = std::shared_ptr<const std::vector<std::string>>;

frame_ptr encode_indicator_update(encoding as, std::string_view topic, std::uint64_t seq,
                                  std::span<const std::string> names, const indicator_point& value);
frame_ptr encode_indicator_snapshot(encoding as, const snapshot_head& head,
                                    std::span<const std::string> names,
                                    std::span<const indicator_point> points);

std::string encode_egress_indicator(const egress_position& at, std::span<const std::string> names,
                                    const indicator_point& value);
std::string encode_egress_indicator_snapshot(const snapshot_head& head, std::span<const std::string> names,
                                             std::span<const indicator_point> points);

/// The data of an update as compact JSON, its time in nanoseconds.
std::string indicator_json(std::span<const std::string> names, const indicator_point& value);

}  // namespace tickcast::protocol
