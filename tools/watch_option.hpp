#pragma once

namespace CLI {
class App;
}

namespace tickcast::tools {

/// `--watch [SECONDS]`: how often a command shows its answer anew; 2 without a number, 0 when not given.
void add_watch_option(CLI::App& command, double& seconds);

}  // namespace tickcast::tools
