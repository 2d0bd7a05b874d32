#pragma once
#include <atomic>
#include <cstdint>
#include <utility>

#include "plugins/runner/runner.hpp"

/// How the runner calls the plugin: noted in its pulse, timed, within its budgets.
namespace tickcast::plugins {

/// No handler runs any more, whichever way it was left.
class handler_mark {
public:
  handler_mark(pulse& beat, const char* handler, std::int64_t now_ns) : pulse_(beat) {
    pulse_.handler.store(handler, std::memory_order_relaxed);
    pulse_.handler_began_ns.store(now_ns, std::memory_order_release);
  }
  ~handler_mark() { pulse_.handler_began_ns.store(0, std::memory_order_release); }
  handler_mark(const handler_mark&) = delete;
  handler_mark& operator=(const handler_mark&) = delete;

private:
  pulse& pulse_;
};

template <class F>
void runner::call(const char* handler, F&& f) {
  const auto began = clocks_.steady_ns();
  {
    const handler_mark mark(pulse_, handler, began);
    f();
  }
  vitals_.times.add(clocks_.steady_ns() - began);
  // Not where it happens: a plugin may catch what its own publish throws.
  if (!spent_.empty()) throw budget_spent(std::exchange(spent_, {}));
}

}  // namespace tickcast::plugins
