#include "actors/runtime/closing_step.hpp"

#include <exception>

#include "actors/runtime/log.hpp"

namespace tickcast::actors {

closing_step::closing_step(caf::actor_config& cfg, probe_registry& probes, std::string called,
                           std::function<void()> close)
    : observed(cfg, probes, {"closing step", std::move(called), "root", "workers"}),
      close_(std::move(close)) {}

caf::behavior closing_step::make_behavior() {
  set_exit_handler([this](caf::exit_msg& message) {
    if (thread_.joinable()) return;
    reason_ = std::move(message.reason);
    thread_ = std::jthread([close = close_, self = caf::actor_cast<caf::actor>(this)] {
      try {
        close();
      } catch (const std::exception& failure) {
        log(component::supervision).error("closing failed: {}", failure.what());
      }
      caf::anon_send(self, closed{});
    });
  });
  return {[this](const closed&) { quit(reason_); }};
}

void closing_step::on_exit() {
  // Its last act was the message that led here; what remains is the thread's return.
  if (thread_.joinable()) thread_.join();
  close_ = nullptr;
}

}  // namespace tickcast::actors
