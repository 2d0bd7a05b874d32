#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What is published: the same JSON text reaches the clients of every server, byte for byte.
namespace tickcast::bench {

/// Trades of one symbol a topic, or, with `event_bytes` > 0, events whose text is about that long.
struct shape {
  std::size_t event_bytes = 0;
  bool is_event() const noexcept { return event_bytes > 0; }
};

/// One published update. `stamp_ns` (CLOCK_MONOTONIC, strictly rising) is when it was handed over; it travels
/// as the trade's or event's `id`.
struct update {
  std::uint32_t topic = 0;
  std::uint64_t seq = 0;
  std::int64_t stamp_ns = 0;
  std::int64_t time_ns = 0;
};

std::string symbol_name(std::uint32_t topic);
std::string topic_name(const shape& of, std::uint32_t topic);

/// The text of an event's padding field.
std::string event_body(const shape& of);

/// A trade's price, which walks with `seq` and always has two digits behind the point.
struct price_text {
  char digits[9];
  std::string_view view() const noexcept { return {digits, 8}; }
};
price_text price_of(std::uint64_t seq) noexcept;
inline constexpr std::string_view size_text = "0.0425";

/// Appends the JSON that a client of ours gets for `what`; `body` as event_body gave it.
void append_json(std::string& out, const shape& of, std::string_view topic, std::string_view body,
                 const update& what);

/// What a client needs of a received update; nothing when the text is something else.
struct received {
  std::uint64_t seq = 0;
  std::int64_t stamp_ns = 0;
};
std::optional<received> read_update(std::string_view json) noexcept;

std::int64_t monotonic_ns() noexcept;

}  // namespace tickcast::bench
