#pragma once
#include "access/doorkeeper.hpp"
#include "actors/runtime/metrics.hpp"

namespace tickcast::tools {

/// What became of sign-ins. Any thread.
void read_access_metrics(const access::doorkeeper& door, actors::metric_writer& to);

}  // namespace tickcast::tools
