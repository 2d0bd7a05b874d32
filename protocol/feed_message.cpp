#include "protocol/feed_message.hpp"

#include "protocol/feed_decode.hpp"
#include "protocol/json_writer.hpp"
#include "protocol/msgpack_writer.hpp"

namespace tickcast::protocol {
namespace {

template <class Write>
std::string encode(encoding as, Write&& write) {
  constexpr std::size_t usual_size = 192;
  std::string result;
  result.reserve(usual_size);
  if (as == encoding::json) {
    json_writer writer(result);
    write(writer);
  } else {
    msgpack_writer writer(result);
    write(writer);
  }
  return result;
}

/// Prices and sizes leave as text: no reader on the way can make a float of them.
template <class Writer>
void write_exact(Writer& to, decimal value) {
  std::array<char, decimal::max_chars> digits;
  to.plain({digits.data(), static_cast<std::size_t>(value.write(digits.data()) - digits.data())});
}

template <class Writer>
void write_feed_seq(Writer& to, std::optional<std::uint64_t> feed_seq) {
  if (!feed_seq) return;
  to.key("feed_seq");
  to.natural(*feed_seq);
}

}  // namespace

void decode_feed(std::string_view body, feed_format format, feed_sink& sink) {
  decode_messages(body, format, message_source::feed, sink);
}

std::string encode_feed_trade(encoding as, std::string_view symbol, const trade& value,
                              std::optional<std::uint64_t> feed_seq) {
  const bool has_side = value.aggressor != side::none;
  const bool has_id = value.id.is != trade_id::kind::none;
  return encode(as, [&](auto& to) {
    to.begin_map(5U + has_side + has_id + feed_seq.has_value());
    to.key("type");
    to.plain("trade");
    to.key("symbol");
    to.plain(symbol);
    to.key("time");
    to.whole(value.time_ns);
    to.key("price");
    write_exact(to, value.price);
    to.key("size");
    write_exact(to, value.size);
    if (has_side) {
      to.key("side");
      to.plain(value.aggressor == side::buy ? "buy" : "sell");
    }
    if (has_id) {
      to.key("id");
      if (value.id.is == trade_id::kind::number) {
        to.natural(value.id.number);
      } else {
        to.text(*value.id.text);
      }
    }
    write_feed_seq(to, feed_seq);
    to.end_map();
  });
}

std::string encode_feed_quote(encoding as, std::string_view symbol, const quote& value,
                              std::optional<std::uint64_t> feed_seq) {
  return encode(as, [&](auto& to) {
    to.begin_map(7U + feed_seq.has_value());
    to.key("type");
    to.plain("quote");
    to.key("symbol");
    to.plain(symbol);
    to.key("time");
    to.whole(value.time_ns);
    to.key("bid");
    write_exact(to, value.bid);
    to.key("bid_size");
    write_exact(to, value.bid_size);
    to.key("ask");
    write_exact(to, value.ask);
    to.key("ask_size");
    write_exact(to, value.ask_size);
    write_feed_seq(to, feed_seq);
    to.end_map();
  });
}

std::string encode_feed_bar(encoding as, std::string_view symbol, std::string_view interval, const bar& value,
                            std::optional<std::uint64_t> feed_seq) {
  return encode(as, [&](auto& to) {
    to.begin_map(13U + feed_seq.has_value());
    to.key("type");
    to.plain("bar");
    to.key("symbol");
    to.plain(symbol);
    to.key("interval");
    to.plain(interval);
    to.key("time");
    to.whole(value.time_ns);
    to.key("open");
    write_exact(to, value.open);
    to.key("high");
    write_exact(to, value.high);
    to.key("low");
    write_exact(to, value.low);
    to.key("close");
    write_exact(to, value.close);
    to.key("volume");
    write_exact(to, value.volume);
    to.key("trades");
    to.natural(value.trades);
    to.key("value");
    write_exact(to, value.value);
    to.key("closed");
    to.boolean(value.closed);
    to.key("rev");
    to.natural(value.rev);
    write_feed_seq(to, feed_seq);
    to.end_map();
  });
}

}  // namespace tickcast::protocol
