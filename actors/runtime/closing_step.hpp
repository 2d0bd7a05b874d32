#pragma once
#include <functional>
#include <string>
#include <thread>

#include "actors/messages.hpp"
#include "actors/runtime/observed.hpp"

namespace tickcast::actors {

/// A step of an orderly stop, as a supervised child: does nothing while all is well; told to end, it runs
/// `close` on a thread of its own, because closing waits, and ends when that has returned. Its place among
/// its siblings is the step's place in the stop. On the workers.
class closing_step final : public observed<caf::event_based_actor> {
public:
  closing_step(caf::actor_config& cfg, probe_registry& probes, std::string name, std::function<void()> close);

  const char* name() const override { return "closing step"; }

protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  std::function<void()> close_;
  std::jthread thread_;
  caf::error reason_;
};

}  // namespace tickcast::actors
