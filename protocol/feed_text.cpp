#include "protocol/feed_text.hpp"

#include <utility>

namespace tickcast::protocol {

void feed_text::append(const std::string& message) {
  text_ += message;
  text_ += behind_each_;
}

void feed_text::on_trade(std::string_view symbol, trade&& value, std::optional<std::uint64_t> feed_seq) {
  append(encode_feed_trade(encoding::json, symbol, value, feed_seq));
}

void feed_text::on_quote(std::string_view symbol, quote&& value, std::optional<std::uint64_t> feed_seq) {
  append(encode_feed_quote(encoding::json, symbol, value, feed_seq));
}

void feed_text::on_bar(std::string_view symbol, std::string_view interval, bar&& value,
                       std::optional<std::uint64_t> feed_seq) {
  append(encode_feed_bar(encoding::json, symbol, interval, value, feed_seq));
}

std::string feed_text::take_array() {
  auto body = std::exchange(text_, {});
  if (!body.empty()) body.pop_back();
  return "[" + body + "]";
}

}  // namespace tickcast::protocol
