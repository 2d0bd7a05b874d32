#pragma once
#include "actors/topics/engine.hpp"
#include "net/http_handler.hpp"

namespace tickcast::tools {

/// `/api/v1/symbols` on the client port: {"symbols":[…]} in order of appearance. Any thread.
net::http_handler symbols_handler(const actors::engine& parts);

}  // namespace tickcast::tools
