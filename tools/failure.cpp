#include "tools/failure.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace tickcast::tools {

exit_code tell_failure(std::string_view command, const net::client_error& error) {
  using reason = net::client_error::reason;
  if (error.why == reason::interrupted) return exit_code::interrupted;
  fmt::print(stderr, "tickcast {}: {}\n", command, error.message);
  switch (error.why) {
    case reason::bad_url:
      return exit_code::usage;
    case reason::refused:
    case reason::too_large:
      return exit_code::failed;
    default:
      return exit_code::unreachable;
  }
}

exit_code print_out(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return exit_code::ok;
  fmt::print(stderr, "tickcast: cannot write to stdout: {}\n", std::strerror(errno));
  return exit_code::failed;
}

}  // namespace tickcast::tools
