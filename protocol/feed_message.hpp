#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/error.hpp"
#include "protocol/frame.hpp"
#include "protocol/market.hpp"
#include "protocol/service_command.hpp"
#include "protocol/topic.hpp"

namespace tickcast::protocol {

/// Where decoded feed messages go. Views live until the call returns. `feed_seq` as sent, if sent.
/// One call a message; a message that is refused makes `refused` and nothing else, and the elements after it
/// in the same array are still taken.
class feed_sink {
public:
  virtual ~feed_sink() = default;
  virtual void on_trade(std::string_view symbol, trade&& value, std::optional<std::uint64_t> feed_seq) = 0;
  virtual void on_amendment(std::string_view symbol, trade_amendment&& value,
                            std::optional<std::uint64_t> feed_seq) = 0;
  virtual void on_quote(std::string_view symbol, quote&& value, std::optional<std::uint64_t> feed_seq) = 0;
  /// `interval_text` is valid for parse_interval.
  virtual void on_bar(std::string_view symbol, std::string_view interval_text, bar&& value,
                      std::optional<std::uint64_t> feed_seq) = 0;
  /// `data` is compact JSON text. Never a reserved topic.
  virtual void on_event(std::string_view topic, std::string&& data,
                        std::optional<std::uint64_t> feed_seq) = 0;
  /// What a backend wants done, but for `publish`, which is on_event.
  virtual void on_command([[maybe_unused]] service_command&& what) {}
  virtual void on_refused(error&& why, std::optional<std::uint64_t> feed_seq) = 0;
  /// The message just handed over had so many fields that are not known; they were left out. Never 0.
  virtual void on_unknown_fields([[maybe_unused]] std::size_t count) {}
};

/// Wire formats a feed may speak. `automatic` looks at each body's first byte.
enum class feed_format : std::uint8_t { automatic, msgpack, json };

/// Largest body, in bytes.
inline constexpr std::size_t max_feed_body = std::size_t{16} << 20;
/// Most maps one array may hold.
inline constexpr std::size_t max_feed_array = 65536;
/// Deepest nesting taken from outside, in any format.
inline constexpr std::size_t max_depth = 32;

/// Decodes one body: a map or an array of maps (docs/protocol.md, "Feed messages"). Unknown fields are left
/// out and told; unknown types, and types not taken yet (book_snapshot, book_delta), are refused. Of an array
/// that breaks off, the messages before the break are taken; a lone map is taken whole or not at all. For
/// trades with numeric ids and quotes in MessagePack nothing is allocated but the parser's own stack.
void decode_feed(std::string_view body, feed_format format, feed_sink& sink);

/// Encoders of the same messages, for replay, imports, tests and benchmarks; one map each.
std::string encode_feed_trade(encoding as, std::string_view symbol, const trade& value,
                              std::optional<std::uint64_t> feed_seq = {});
std::string encode_feed_quote(encoding as, std::string_view symbol, const quote& value,
                              std::optional<std::uint64_t> feed_seq = {});
std::string encode_feed_bar(encoding as, std::string_view symbol, std::string_view interval, const bar& value,
                            std::optional<std::uint64_t> feed_seq = {});

}  // namespace tickcast::protocol
