#include "protocol/symbol_quote.hpp"

#include <utility>

#include "protocol/json_writer.hpp"
#include "protocol/market_fields.hpp"
#include "protocol/msgpack_writer.hpp"

namespace tickcast::protocol {
namespace {

using namespace fields;
constexpr auto us = time_unit::microseconds;

template <class Writer>
void write(Writer& to, const symbol_quote& what) {
  to.begin_map(5);
  to.key("symbol");
  to.text(what.symbol);
  to.key("trade");
  if (what.last)
    write_trade<us>(to, *what.last);
  else
    to.null();
  to.key("quote");
  if (what.best) {
    to.begin_map(quote_fields);
    write_quote_fields<us>(to, *what.best);
    to.end_map();
  } else {
    to.null();
  }
  to.key("day");
  if (what.day.trades > 0)
    write_day(to, what.day);
  else
    to.null();
  if (what.feed.name.empty()) {
    to.key("feed");
    to.null();
  } else {
    write_feed(to, snapshot_head{{}, {}, 0, what.feed});
  }
  to.end_map();
}

}  // namespace

frame_ptr encode_symbol_quote(encoding as, const symbol_quote& what) {
  auto buffer = begin_frame(head_room + trade_room + 2 * quote_room + what.symbol.size());
  if (as == encoding::json) {
    json_writer writer(buffer);
    write(writer, what);
  } else {
    msgpack_writer writer(buffer);
    write(writer, what);
  }
  return finish_frame(std::move(buffer), as);
}

}  // namespace tickcast::protocol
