#pragma once
#include <functional>
#include <utility>

#include "actors/runtime/host.hpp"
#include "actors/runtime/observed.hpp"

namespace tickcast::actors {

/// An actor that lives on a host instead of CAF's workers: same mailbox, same semantics, our thread.
/// What is spawned by it with plain spawn() is an ordinary worker actor; use spawn_on for hosted children.
template <class Base>
class hosted : public observed<Base> {
public:
  template <class... Ts>
  hosted(caf::actor_config& cfg, host& where, probe_registry& probes, identity who, Ts&&... xs)
      : observed<Base>(cfg, probes, std::move(who), std::forward<Ts>(xs)...), host_(where) {}

  using observed<Base>::enqueue;
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) override {
    observed<Base>::enqueue(std::move(element), &host_);  // never the sender's unit
  }
  void launch(caf::execution_unit*, bool lazy, bool hide) override {
    host_.actor_began();
    Base::launch(&host_, lazy, hide);
  }
  caf::resumable::subtype_t subtype() const override { return caf::resumable::io_actor; }
  bool cleanup(caf::error&& reason, caf::execution_unit* unit) override {
    if (!std::exchange(counted_out_, true)) host_.actor_ended();
    return observed<Base>::cleanup(std::move(reason), unit);
  }

  /// Runs `f` as if it were a message handler: an exception ends the actor, a quit() takes effect on return.
  /// For what reaches the actor on the host's thread without a message (timers, the two direct calls).
  /// The caller holds a strong reference.
  template <class F>
  void in_actor(F&& f) {
    if (this->getf(caf::abstract_actor::is_terminated_flag)) return;
    this->context(&host_);
    this->current_mailbox_element(nullptr);
    const typename observed<Base>::busy_time busy(this->own_probe());
    try {
      f();
    } catch (...) {
      fail(std::current_exception());
      return;
    }
    this->finalize();
  }

  /// Ends the actor as its exception handler would; for a direct caller that caught what the actor threw.
  void fail(std::exception_ptr failure) {
    if (this->getf(caf::abstract_actor::is_terminated_flag)) return;
    this->context(&host_);
    this->current_mailbox_element(nullptr);
    auto text = actors::describe(failure);
    report_failure(this->own_probe(), text);
    this->quit(caf::make_error(caf::sec::runtime_error, std::move(text)));
    this->finalize();
  }

protected:
  host& where() const noexcept { return host_; }

  /// Calls `f` in the actor after `delay`, unless the actor has ended by then. The timer keeps the actor's
  /// memory, not its life.
  template <class F>
  host::timer_id after(host::clock::duration delay, F f) {
    return host_.after(delay, [self = caf::strong_actor_ptr{this->ctrl()}, this, f = std::move(f)]() mutable {
      in_actor(f);
    });
  }

  /// Calls `f` in the actor once the sockets have had their turn.
  template <class F>
  void later(F f) {
    host_.post(
        [self = caf::strong_actor_ptr{this->ctrl()}, this, f = std::move(f)]() mutable { in_actor(f); });
  }

private:
  host& host_;
  bool counted_out_ = false;
};

/// Spawns `Impl` (a class derived from hosted<…>) on `where`. From any thread.
template <class Impl, class... Ts>
caf::infer_handle_from_class_t<Impl> spawn_on(host& where, Ts&&... xs) {
  caf::actor_config cfg{&where};
  return where.system().spawn_class<Impl, caf::no_spawn_options>(cfg, where, std::forward<Ts>(xs)...);
}

}  // namespace tickcast::actors
