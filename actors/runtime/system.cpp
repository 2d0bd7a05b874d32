#include "actors/runtime/system.hpp"

namespace tickcast::actors {

system_config::system_config(std::size_t workers) {
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", workers);
  set("scheduler.max-throughput", std::size_t{100});
}

}  // namespace tickcast::actors
