#include "driven_host.hpp"

namespace tickcast::net::test {

caf::actor_system& quiet_system() {
  static caf::actor_system_config configuration;
  configuration.set("scheduler.max-threads", std::size_t{1});
  static caf::actor_system system(configuration);
  return system;
}

}  // namespace tickcast::net::test
