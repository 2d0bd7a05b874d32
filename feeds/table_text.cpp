#include "feeds/table_text.hpp"

#include <fmt/format.h>

#include <array>

namespace tickcast::feeds {
namespace {

void append(std::string& to, protocol::decimal value) {
  std::array<char, protocol::decimal::max_chars> digits;
  to += ',';
  to.append(digits.data(), value.write(digits.data()));
}

template <class Whole>
void append_whole(std::string& to, Whole value) {
  const fmt::format_int digits(value);
  to.append(digits.data(), digits.size());
}

void append_text(std::string& to, std::string_view text) {
  to += ',';
  if (text.find_first_of(",\"") == std::string_view::npos) {
    to += text;
    return;
  }
  to += '"';
  for (const char c : text) {
    if (c == '"') to += c;
    to += c;
  }
  to += '"';
}

}  // namespace

std::string_view table_header(protocol::topic_kind kind) {
  switch (kind) {
    case protocol::topic_kind::trade:
      return "time_ns,symbol,price,size,side,id,id_text\n";
    case protocol::topic_kind::quote:
      return "time_ns,symbol,bid,bid_size,ask,ask_size\n";
    default:
      return "time_ns,symbol,interval,open,high,low,close,volume,trades,value,rev\n";
  }
}

protocol::expected<void> append_row(std::string& to, std::string_view symbol, const protocol::trade& value) {
  using kind = protocol::trade_id::kind;
  const std::string_view text =
      value.id.is == kind::text ? std::string_view(*value.id.text) : std::string_view();
  if (text.find_first_of("\r\n") != std::string_view::npos)
    return protocol::unexpected(
        protocol::error{protocol::errc::bad_field,
                        "a trade's id has a line break in it, which CSV cannot tell; export JSON lines"});
  append_whole(to, value.time_ns);
  append_text(to, symbol);
  append(to, value.price);
  append(to, value.size);
  to += value.aggressor == protocol::side::buy    ? ",buy,"
        : value.aggressor == protocol::side::sell ? ",sell,"
                                                  : ",,";
  if (value.id.is == kind::number) append_whole(to, value.id.number);
  append_text(to, text);
  to += '\n';
  return {};
}

void append_row(std::string& to, std::string_view symbol, const protocol::quote& value) {
  append_whole(to, value.time_ns);
  append_text(to, symbol);
  append(to, value.bid);
  append(to, value.bid_size);
  append(to, value.ask);
  append(to, value.ask_size);
  to += '\n';
}

void append_row(std::string& to, std::string_view symbol, std::string_view interval,
                const protocol::bar& value) {
  append_whole(to, value.time_ns);
  append_text(to, symbol);
  append_text(to, interval);
  append(to, value.open);
  append(to, value.high);
  append(to, value.low);
  append(to, value.close);
  append(to, value.volume);
  to += ',';
  append_whole(to, value.trades);
  append(to, value.value);
  to += ',';
  append_whole(to, value.rev);
  to += '\n';
}

}  // namespace tickcast::feeds
