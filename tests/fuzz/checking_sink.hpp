#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "protocol/feed_message.hpp"
#include "protocol/service_message.hpp"
#include "protocol/utf8.hpp"
#include "tests/fuzz/finding.hpp"

namespace tickcast::protocol {

/// Checks that what was delivered keeps the promises of feed_sink, and that it comes back the same when it is
/// encoded and decoded again.
class checking_sink final : public feed_sink {
public:
  void on_trade(std::string_view symbol, trade&& value, std::optional<std::uint64_t> feed_seq) override {
    check_symbol(symbol);
    require(!value.size.is_negative(), "a trade has a negative size");
    if (again_) {
      require(symbol == symbol_ && value == trade_ && feed_seq == feed_seq_, "a trade changed on its way");
      return;
    }
    symbol_ = symbol;
    trade_ = value;
    feed_seq_ = feed_seq;
    decode_again([&](encoding as) { return encode_feed_trade(as, symbol_, trade_, feed_seq); });
  }
  void on_amendment(std::string_view symbol, trade_amendment&& value, std::optional<std::uint64_t>) override {
    check_symbol(symbol);
    require(!again_, "an amendment came out of a trade or quote");
    require(value.id.is != trade_id::kind::none, "an amendment names no trade");
    require(!value.size.is_negative(), "an amendment has a negative size");
  }
  void on_quote(std::string_view symbol, quote&& value, std::optional<std::uint64_t> feed_seq) override {
    check_symbol(symbol);
    require(!value.bid_size.is_negative() && !value.ask_size.is_negative(), "a quote has a negative size");
    if (again_) {
      require(symbol == symbol_ && value == quote_ && feed_seq == feed_seq_, "a quote changed on its way");
      return;
    }
    symbol_ = symbol;
    quote_ = value;
    feed_seq_ = feed_seq;
    decode_again([&](encoding as) { return encode_feed_quote(as, symbol_, quote_, feed_seq); });
  }
  void on_bar(std::string_view symbol, std::string_view interval_text, bar&& value,
              std::optional<std::uint64_t>) override {
    check_symbol(symbol);
    require(parse_interval(interval_text).has_value(), "a bar has an interval that does not exist");
    require(value.high >= value.low && !value.volume.is_negative(), "a bar is impossible");
  }
  void on_event(std::string_view topic, std::string&& data, std::optional<std::uint64_t>) override {
    require(!again_, "an event came out of a trade or quote");
    const auto parsed = parse_topic(topic);
    require(parsed.has_value() && !is_reserved(parsed->kind), "an event has a topic that it must not have");
    require(nlohmann::json::accept(data), "an event's data is not JSON");
    const auto message = encode_publish(topic, data, "fuzz");
    require(message.has_value(), "an event cannot be published again");
    require(message->find(data) != std::string::npos, "an event's data is not compact");
  }
  void on_refused(error&& why, std::optional<std::uint64_t>) override {
    require(!again_, "a message of ours was refused");
    require(to_string(why.code) != "unknown", "a refusal has no code");
    require(!why.message.empty() && is_valid_utf8(why.message), "a refusal's sentence is not text");
  }

private:
  static void check_symbol(std::string_view symbol) {
    require(is_valid_symbol(symbol), "a symbol is not valid");
  }

  template <class Encode>
  void decode_again(Encode&& encode) {
    again_ = true;
    for (const encoding as : {encoding::json, encoding::msgpack}) {
      decode_feed(encode(as), feed_format::automatic, *this);
    }
    again_ = false;
  }

  bool again_ = false;
  std::string symbol_;
  trade trade_;
  quote quote_;
  std::optional<std::uint64_t> feed_seq_;
};

}  // namespace tickcast::protocol
