#pragma once
#include <cstddef>

#include "actors/runtime/caf.hpp"

namespace tickcast::actors {

/// CAF as Tickcast runs it: workers that share one queue (they wake at once, where stealing ones poll), a
/// bound on how long one actor keeps its worker, and no file or command line read.
struct system_config : caf::actor_system_config {
  explicit system_config(std::size_t workers);
};

}  // namespace tickcast::actors
