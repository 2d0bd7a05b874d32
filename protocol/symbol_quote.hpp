#pragma once
#include <optional>
#include <string_view>

#include "protocol/client_message.hpp"
#include "protocol/market.hpp"

namespace tickcast::protocol {

/// How a symbol stands now, for those who ask instead of subscribing.
struct symbol_quote {
  std::string_view symbol;
  std::optional<trade> last;
  std::optional<quote> best;
  day_totals day;
  feed_status feed;
};

/// {"symbol":…,"trade":{…}|null,"quote":{…}|null,"day":{…}|null,"feed":{…}|null}, each as in a snapshot;
/// times in microseconds. The payload is meant; the frame's head is for WebSockets.
frame_ptr encode_symbol_quote(encoding as, const symbol_quote& what);

}  // namespace tickcast::protocol
