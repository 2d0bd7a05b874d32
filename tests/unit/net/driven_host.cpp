#include "driven_host.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace tickcast::net::test {
namespace {

/// Made by the first test that asks, ended before main returns: CAF's own statics must still be there.
class caf_environment final : public testing::Environment {
public:
  caf::actor_system& system() {
    if (!system_) {
      configuration_.set("scheduler.max-threads", std::size_t{1});
      system_ = std::make_unique<caf::actor_system>(configuration_);
    }
    return *system_;
  }
  void TearDown() override { system_.reset(); }

private:
  caf::actor_system_config configuration_;
  std::unique_ptr<caf::actor_system> system_;
};

// gtest owns it.
auto* const environment = new caf_environment;
const auto* const registered = testing::AddGlobalTestEnvironment(environment);

}  // namespace

caf::actor_system& quiet_system() {
  return environment->system();
}

}  // namespace tickcast::net::test
