#include "tools/state_directory.hpp"

#include <cstdlib>

namespace tickcast::tools {

std::string default_state_directory() {
  if (const auto* state = std::getenv("XDG_STATE_HOME"); state && *state)
    return std::string(state) + "/tickcast";
  if (const auto* home = std::getenv("HOME"); home && *home)
    return std::string(home) + "/.local/state/tickcast";
  return "/var/lib/tickcast";
}

}  // namespace tickcast::tools
