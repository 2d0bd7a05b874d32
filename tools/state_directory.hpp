#pragma once
#include <string>

namespace tickcast::tools {

/// Where a server without a data directory keeps its tokens, and where the commands look for them:
/// $XDG_STATE_HOME/tickcast, else ~/.local/state/tickcast, else /var/lib/tickcast.
std::string default_state_directory();

}  // namespace tickcast::tools
