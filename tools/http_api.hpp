#pragma once
#include "actors/plugins/plugin_room.hpp"
#include "actors/topics/engine.hpp"
#include "net/http_handler.hpp"

namespace tickcast::tools {

/// `/api/v1/symbols` on the client port: {"symbols":[…]} in order of appearance. Any thread.
net::http_handler symbols_handler(const actors::engine& parts);

/// `/api/topics` on the admin port: {"topics":[{topic, kind, shard, epoch, seq, subscribers, feed, state}…],
/// "complete":true}. Asks dispatchers, broadcasters and event topics and waits for them at most
/// `patience_ms`; what has not come by then is missing and `complete` is false.
net::http_handler topics_handler(const actors::engine& parts);

/// `/api/feeds` on the admin port: each feed's state and counters.
net::http_handler feeds_handler(const actors::engine& parts);

/// `/api/plugins` on the admin port: {"plugins":[…]}, all that plugin_report says.
net::http_handler plugins_handler(const actors::plugin_room& plugins);

}  // namespace tickcast::tools
