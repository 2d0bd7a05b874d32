#include "protocol/feed_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "protocol/frame_part.hpp"
#include "protocol/utf8.hpp"

namespace tickcast::protocol {
namespace {

using kind = wire_value::kind;

constexpr std::size_t max_id_bytes = 128;

constexpr std::array<std::string_view, field_count> field_names{
    "type",  "symbol",   "time",   "price",    "size",     "side", "id",    "feed_seq",
    "bid",   "bid_size", "ask",    "ask_size", "interval", "open", "high",  "low",
    "close", "volume",   "trades", "closed",   "value",    "rev",  "topic", "data"};

constexpr std::array<std::string_view, 2> not_built_yet{"book_snapshot", "book_delta"};
/// Questions of the service bus, which want an answer.
constexpr std::array<std::string_view, 8> questions{"presence",    "users", "topics", "get_quote",
                                                    "get_history", "stats", "claim",  "unclaim"};

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& words, std::string_view word) noexcept {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// nullopt when `value` was read as a decimal.
std::optional<errc> read_value(const wire_value& value, decimal& to) {
  switch (value.is) {
    case kind::text:
    case kind::number:
      return decimal::read(value.text(), to);
    case kind::natural:
      if (value.natural > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return errc::number_overflow;
      }
      to = decimal::from_integer(static_cast<std::int64_t>(value.natural));
      return std::nullopt;
    case kind::negative:
      to = decimal::from_integer(value.negative);
      return std::nullopt;
    case kind::single:
    case kind::real: {
      const expected<decimal> read =
          value.is == kind::real ? decimal::from_double(value.real) : decimal::from_float(value.single);
      if (!read) return read.error().code;
      to = *read;
      return std::nullopt;
    }
    default:
      return errc::bad_field;
  }
}

}  // namespace

std::string_view to_string(field name) noexcept {
  return name == field::unknown ? "unknown" : field_names[static_cast<std::size_t>(name)];
}

field find_field(std::string_view name) noexcept {
  // Comparing with a literal of the length that is known here is one or two machine words each.
  switch (name.size()) {
    case 2:
      return name == "id" ? field::id : field::unknown;
    case 3:
      return name == "bid"   ? field::bid
             : name == "ask" ? field::ask
             : name == "low" ? field::low
             : name == "rev" ? field::rev
                             : field::unknown;
    case 4:
      return name == "type"   ? field::type
             : name == "time" ? field::time
             : name == "size" ? field::size
             : name == "side" ? field::side
             : name == "data" ? field::data
             : name == "open" ? field::open
             : name == "high" ? field::high
                              : field::unknown;
    case 5:
      return name == "price"   ? field::price
             : name == "topic" ? field::topic
             : name == "close" ? field::close
             : name == "value" ? field::value
                               : field::unknown;
    case 6:
      return name == "symbol"   ? field::symbol
             : name == "volume" ? field::volume
             : name == "closed" ? field::closed
             : name == "trades" ? field::trades
                                : field::unknown;
    case 8:
      return name == "bid_size"   ? field::bid_size
             : name == "ask_size" ? field::ask_size
             : name == "feed_seq" ? field::feed_seq
             : name == "interval" ? field::interval
                                  : field::unknown;
    default:
      return field::unknown;
  }
}

bool feed_fields::is_type(std::string_view name) const noexcept {
  const wire_value* const type = find(field::type);
  return type != nullptr && type->is == kind::text && type->text() == name;
}

void feed_fields::deliver(feed_sink& sink, message_source from, std::string& data) {
  feed_seq_.reset();
  if (!read_feed_seq()) return refuse(sink, std::move(failure_));
  const wire_value* const type = find(field::type);
  if (type == nullptr) return refuse(sink, error{errc::missing_field, "the message has no \"type\""});
  if (type->is != kind::text) return refuse(sink, error{errc::bad_field, "\"type\" is not a string"});
  if (type->text() == "trade") return deliver_trade(sink);
  if (type->text() == "quote") return deliver_quote(sink);
  if (type->text() == "bar") return deliver_bar(sink);
  if (type->text() == "event") return deliver_event(sink, data);
  if (type->text() == "trade_cancel") return deliver_amendment(sink, true);
  if (type->text() == "trade_correct") return deliver_amendment(sink, false);
  deliver_other(sink, type->text(), from, data);
}

void feed_fields::refuse(feed_sink& sink, error&& why) const {
  const wire_value* const seq = find(field::feed_seq);
  std::optional<std::uint64_t> feed_seq;
  if (seq != nullptr && seq->is == kind::natural) feed_seq = seq->natural;
  sink.on_refused(std::move(why), feed_seq);
}

void feed_fields::deliver_trade(feed_sink& sink) {
  std::string_view symbol;
  trade value;
  if (read_symbol(symbol) && read_time(value.time_ns) && read_decimal(field::price, value.price) &&
      read_size(field::size, value.size) && read_side(value.aggressor) && read_id(value.id)) {
    sink.on_trade(symbol, std::move(value), feed_seq_);
  } else {
    refuse(sink, std::move(failure_));
  }
}

void feed_fields::deliver_amendment(feed_sink& sink, bool cancels) {
  std::string_view symbol;
  trade_amendment value;
  value.cancels = cancels;
  const bool read =
      read_symbol(symbol) && read_time(value.time_ns) && read_id(value.id) &&
      (value.id.is != trade_id::kind::none || fail_missing(field::id)) &&
      (cancels || (read_decimal(field::price, value.price) && read_size(field::size, value.size)));
  if (!read) return refuse(sink, std::move(failure_));
  sink.on_amendment(symbol, std::move(value), feed_seq_);
}

void feed_fields::deliver_quote(feed_sink& sink) {
  std::string_view symbol;
  quote value;
  const bool any_side = has(field::bid) || has(field::ask);
  if (read_symbol(symbol) && read_time(value.time_ns) && (any_side || fail_missing(field::bid)) &&
      read_quote_side(field::bid, field::bid_size, value.bid, value.bid_size) &&
      read_quote_side(field::ask, field::ask_size, value.ask, value.ask_size)) {
    sink.on_quote(symbol, std::move(value), feed_seq_);
  } else {
    refuse(sink, std::move(failure_));
  }
}

void feed_fields::deliver_bar(feed_sink& sink) {
  std::string_view symbol;
  bar value;
  const wire_value* const interval_value = find(field::interval);
  const wire_value* const closed = find(field::closed);
  std::uint64_t rev = 0;
  const bool read = read_symbol(symbol) && read_time(value.time_ns) &&
                    read_decimal(field::open, value.open) && read_decimal(field::high, value.high) &&
                    read_decimal(field::low, value.low) && read_decimal(field::close, value.close) &&
                    read_size(field::volume, value.volume) && read_natural(field::trades, value.trades) &&
                    (find(field::value) == nullptr || read_decimal(field::value, value.value)) &&
                    read_natural(field::rev, rev);
  if (!read) return refuse(sink, std::move(failure_));
  if (interval_value == nullptr) {
    fail_missing(field::interval);
    return refuse(sink, std::move(failure_));
  }
  if (interval_value->is != kind::text || !parse_interval(interval_value->text())) {
    fail_bad(field::interval, "one of 1s 5s 1m 5m 15m 30m 1h 4h 1d 1w 1mo or a count such as 100t");
    return refuse(sink, std::move(failure_));
  }
  if (closed != nullptr && closed->is != kind::boolean) {
    fail_bad(field::closed, "true or false");
    return refuse(sink, std::move(failure_));
  }
  if (value.high < value.low) {
    fail_bad(field::high, "at least as much as \"low\"");
    return refuse(sink, std::move(failure_));
  }
  if (rev > std::numeric_limits<std::uint32_t>::max()) {
    fail_bad(field::rev, "a whole number of 32 bits");
    return refuse(sink, std::move(failure_));
  }
  value.closed = closed != nullptr && closed->boolean;
  value.rev = static_cast<std::uint32_t>(rev);
  sink.on_bar(symbol, interval_value->text(), std::move(value), feed_seq_);
}

void feed_fields::deliver_event(feed_sink& sink, std::string& data) {
  const wire_value* const topic = find(field::topic);
  if (topic == nullptr || !has(field::data)) {
    fail_missing(topic == nullptr ? field::topic : field::data);
    return refuse(sink, std::move(failure_));
  }
  if (topic->is != kind::text) {
    fail_bad(field::topic, "a string such as monitor.cpu");
    return refuse(sink, std::move(failure_));
  }
  if (values_[static_cast<std::size_t>(field::data)].is == kind::opaque) {
    fail_bad(field::data, "what JSON can say: no bin, ext, NaN or infinity, keys are strings, text is UTF-8");
    return refuse(sink, std::move(failure_));
  }
  const expected<topic_name> parsed = parse_topic(topic->text());
  if (!parsed) return refuse(sink, error(parsed.error()));
  if (is_reserved(parsed->kind)) {
    return refuse(sink,
                  error{errc::reserved_topic,
                        fmt::format("topics of kind \"{}\" are written by the engine alone: choose another "
                                    "first word than that of {}",
                                    parsed->word, in_quotes(topic->text()))});
  }
  sink.on_event(topic->text(), std::move(data), feed_seq_);
}

void feed_fields::deliver_other(feed_sink& sink, std::string_view type, message_source from,
                                std::string& data) {
  if (is_service_command(type) || contains(questions, type)) {
    if (from == message_source::feed) {
      return refuse(sink,
                    error{errc::unknown_type,
                          fmt::format("type \"{}\" belongs on the service socket; a feed sends trade, quote, "
                                      "bar or event",
                                      type)});
    }
    if (type == "publish") return deliver_event(sink, data);
    if (is_service_command(type)) return deliver_command(sink, type, data);
    return refuse(sink, error{errc::unsupported,
                              fmt::format("type \"{}\" wants an answer: send it to service.router", type)});
  }
  if (contains(not_built_yet, type)) {
    return refuse(sink, error{errc::unsupported, fmt::format("type \"{}\" is not taken yet", type)});
  }
  refuse(sink, error{errc::unknown_type,
                     fmt::format("type {} is not known: send trade, quote, bar or event", in_quotes(type))});
}

void feed_fields::deliver_command(feed_sink& sink, std::string_view type, std::string& data) {
  if (!has(field::data) || values_[static_cast<std::size_t>(field::data)].is == kind::opaque) {
    fail_missing(field::data);
    return refuse(sink, std::move(failure_));
  }
  auto read = read_service_command(type, nlohmann::json::parse(data, nullptr, false),
                                   find_part(data, encoding::json, {"data"}));
  if (!read) return refuse(sink, std::move(read.error()));
  sink.on_command(std::move(*read));
}

bool feed_fields::read_feed_seq() {
  const wire_value* const value = find(field::feed_seq);
  if (value == nullptr) return true;
  if (value->is != kind::natural) return fail_bad(field::feed_seq, "a whole number from 0");
  feed_seq_ = value->natural;
  return true;
}

bool feed_fields::read_symbol(std::string_view& to) {
  const wire_value* const value = find(field::symbol);
  if (value == nullptr) return fail_missing(field::symbol);
  if (value->is != kind::text || !is_valid_symbol(value->text())) {
    return fail_bad(field::symbol, "a string of 1 to 100 letters, digits and ._-:@/+(),");
  }
  to = value->text();
  return true;
}

bool feed_fields::read_time(std::int64_t& to) {
  const wire_value* const value = find(field::time);
  if (value == nullptr) return fail_missing(field::time);
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value->is == kind::natural && value->natural <= largest) {
    to = static_cast<std::int64_t>(value->natural);
    return true;
  }
  if (value->is != kind::negative) return fail_bad(field::time, "whole nanoseconds since 1970 UTC");
  to = value->negative;
  return true;
}

bool feed_fields::read_decimal(field name, decimal& to) {
  const wire_value* const value = find(name);
  if (value == nullptr) return fail_missing(name);
  const std::optional<errc> refused = read_value(*value, to);
  if (!refused) return true;
  if (*refused == errc::number_overflow) {
    failure_ =
        error{*refused, fmt::format("\"{}\" has more than 18 digits or decimal places", to_string(name))};
    return false;
  }
  return fail_bad(name, "a number, or a string that holds one");
}

bool feed_fields::read_size(field name, decimal& to) {
  if (!read_decimal(name, to)) return false;
  return !to.is_negative() || fail_bad(name, "0 or more");
}

bool feed_fields::read_optional_size(field name, decimal& to) {
  return find(name) == nullptr || read_size(name, to);
}

bool feed_fields::read_quote_side(field price, field size, decimal& to_price, decimal& to_size) {
  if (!read_optional_size(size, to_size)) return false;
  if (find(price) != nullptr) return read_decimal(price, to_price);
  return to_size.is_zero() || fail_missing(price);
}

bool feed_fields::read_side(side& to) {
  const wire_value* const value = find(field::side);
  if (value == nullptr) return true;
  if (value->is == kind::text && value->text() == "buy") {
    to = side::buy;
  } else if (value->is == kind::text && value->text() == "sell") {
    to = side::sell;
  } else {
    return fail_bad(field::side, "\"buy\" or \"sell\", or left out");
  }
  return true;
}

bool feed_fields::read_id(trade_id& to) {
  const wire_value* const value = find(field::id);
  if (value == nullptr) return true;
  if (value->is == kind::natural) {
    to.is = trade_id::kind::number;
    to.number = value->natural;
    return true;
  }
  if (value->is != kind::text || value->text().empty() || value->text().size() > max_id_bytes ||
      !is_valid_utf8(value->text())) {
    return fail_bad(field::id, "a whole number from 0, or UTF-8 text of 1 to 128 bytes");
  }
  to.is = trade_id::kind::text;
  to.text = std::make_shared<const std::string>(value->text());
  return true;
}

bool feed_fields::read_natural(field name, std::uint64_t& to) {
  const wire_value* const value = find(name);
  if (value == nullptr) return true;
  if (value->is != kind::natural) return fail_bad(name, "a whole number from 0");
  to = value->natural;
  return true;
}

bool feed_fields::fail_missing(field name) {
  failure_ = error{errc::missing_field, fmt::format("the message has no \"{}\"", to_string(name))};
  return false;
}

bool feed_fields::fail_bad(field name, std::string_view wanted) {
  failure_ = error{errc::bad_field, fmt::format("\"{}\" must be {}", to_string(name), wanted)};
  return false;
}

}  // namespace tickcast::protocol
