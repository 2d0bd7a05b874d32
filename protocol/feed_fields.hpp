#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/error.hpp"
#include "protocol/feed_message.hpp"
#include "protocol/wire_value.hpp"

namespace tickcast::protocol {

/// The fields that some feed or service message has.
enum class field : std::uint8_t {
  type,
  symbol,
  time,
  price,
  size,
  side,
  id,
  feed_seq,
  bid,
  bid_size,
  ask,
  ask_size,
  interval,
  open,
  high,
  low,
  close,
  volume,
  trades,
  closed,
  value,
  rev,
  topic,
  data,
  unknown,
};
inline constexpr std::size_t field_count = static_cast<std::size_t>(field::unknown);

std::string_view to_string(field name) noexcept;

/// Finds a field by its length and first letter; `unknown` for all others.
field find_field(std::string_view name) noexcept;

/// Who sends: the service socket takes `publish` beside the feed messages.
enum class message_source : std::uint8_t { feed, service };

/// The fields of one map as they were found, whatever the encoding, and what they mean: the one place that
/// checks feed messages.
class feed_fields {
public:
  /// Where texts are kept when they do not stay in the body.
  using text_store = std::array<std::string, field_count>;

  /// `copies`: nullptr when the texts that `set` is given stay until the message is delivered.
  explicit feed_fields(text_store* copies) noexcept : copies_(copies) {}

  void clear() noexcept { present_ = 0; }
  void remove(field name) noexcept { present_ &= ~(1U << index(name)); }
  /// Whether the field was there at all, null included.
  bool has(field name) const noexcept { return (present_ >> index(name) & 1U) != 0; }
  bool is_type(std::string_view name) const noexcept;
  /// What comes last counts.
  void set(field name, wire_value value) {
    const std::size_t i = index(name);
    present_ |= 1U << i;
    values_[i] = value;
    if (copies_ != nullptr && value.has_text()) {
      (*copies_)[i].assign(value.text());
      values_[i].chars = (*copies_)[i].data();
    }
  }

  /// Checks the fields as one message and hands it to `sink`, or a refusal. `data`: what stood in `data`, as
  /// JSON, for events and `publish`; the field `data` is then `nested`, or `opaque` where JSON cannot say it.
  void deliver(feed_sink& sink, message_source from, std::string& data);
  /// Hands a refusal to `sink`, with feed_seq if that can be read.
  void refuse(feed_sink& sink, error&& why) const;

private:
  static constexpr std::size_t index(field name) noexcept { return static_cast<std::size_t>(name); }
  const wire_value* find(field name) const noexcept {
    return has(name) && values_[index(name)].is != wire_value::kind::null ? &values_[index(name)] : nullptr;
  }

  void deliver_trade(feed_sink& sink);
  void deliver_amendment(feed_sink& sink, bool cancels);
  void deliver_quote(feed_sink& sink);
  void deliver_bar(feed_sink& sink);
  void deliver_event(feed_sink& sink, std::string& data);
  void deliver_command(feed_sink& sink, std::string_view type, std::string& data);
  void deliver_other(feed_sink& sink, std::string_view type, message_source from, std::string& data);

  bool read_feed_seq();
  bool read_symbol(std::string_view& to);
  bool read_time(std::int64_t& to);
  bool read_decimal(field name, decimal& to);
  bool read_size(field name, decimal& to);
  bool read_optional_size(field name, decimal& to);
  bool read_quote_side(field price, field size, decimal& to_price, decimal& to_size);
  bool read_side(side& to);
  bool read_id(trade_id& to);
  bool read_natural(field name, std::uint64_t& to);
  bool fail_missing(field name);
  bool fail_bad(field name, std::string_view wanted);

  std::uint32_t present_ = 0;
  text_store* copies_;
  std::optional<std::uint64_t> feed_seq_;
  error failure_{};  ///< set by the read_ function that returned false
  std::array<wire_value, field_count> values_;
};

}  // namespace tickcast::protocol
