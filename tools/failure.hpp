#pragma once
#include <string_view>

#include "net/websocket_client.hpp"
#include "tools/command.hpp"

namespace tickcast::tools {

/// Says on stderr what a client ran into (nothing after an interrupt) and what the program ends with for it.
exit_code tell_failure(std::string_view command, const net::client_error& error);

/// Writes to stdout and flushes; `failed`, with a word on stderr, when it cannot be written.
exit_code print_out(std::string_view text);

}  // namespace tickcast::tools
