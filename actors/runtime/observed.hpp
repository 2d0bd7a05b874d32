#pragma once
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "actors/runtime/caf.hpp"
#include "actors/runtime/probe.hpp"

namespace tickcast::actors {

/// What a caught exception says.
std::string describe(const std::exception_ptr& failure);
/// Logs that an actor failed, or that a message reached nobody's handler.
void report_failure(probe& of, const std::string& what);
void report_unexpected(probe& of, const std::string& what);

/// Every actor's base: has the probe, and the handlers that CAF would otherwise fill with writes to stdout.
/// An exception that leaves a handler ends this actor with a reason, and no other.
/// `Base`: caf::event_based_actor or a typed actor's base.
template <class Base>
class observed : public Base {
public:
  template <class... Ts>
  observed(caf::actor_config& cfg, probe_registry& probes, identity who, Ts&&... xs)
      : Base(cfg, std::forward<Ts>(xs)...), probes_(probes), probe_(std::make_shared<probe>()) {
    probe_->who = std::move(who);
    probe_->id = this->id();
    probes_.add(probe_);
    this->set_exception_handler([this](std::exception_ptr& failure) -> caf::error {
      auto text = describe(failure);
      report_failure(*probe_, text);
      return caf::make_error(caf::sec::runtime_error, std::move(text));
    });
    this->set_error_handler([this](caf::error& error) { this->quit(std::move(error)); });
    this->set_down_handler([](caf::down_msg&) {});
    this->set_exit_handler([this](caf::exit_msg& message) { this->quit(std::move(message.reason)); });
    this->set_default_handler(
        [this](caf::scheduled_actor*, caf::message_view& view) -> caf::result<caf::message> {
          report_unexpected(*probe_, to_string(view.content()));
          return caf::sec::unexpected_message;
        });
  }
  ~observed() override { probes_.remove(probe_); }

  using Base::enqueue;
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override {
    probe_->depth.fetch_add(1, std::memory_order_relaxed);
    Base::enqueue(std::move(element), unit);
  }

  caf::invoke_message_result consume(caf::mailbox_element& element) override {
    auto result = Base::consume(element);
    if (result != caf::invoke_message_result::skipped) {
      probe_->depth.fetch_sub(1, std::memory_order_relaxed);
      bump(probe_->received);
    }
    return result;
  }

  caf::resumable::resume_result resume(caf::execution_unit* unit, size_t throughput) override {
    // The actor may be released on the way out; its probe must not be.
    auto mine = probe_;
    const auto begin = std::chrono::steady_clock::now();
    const auto result = Base::resume(unit, throughput);
    const auto spent = std::chrono::steady_clock::now() - begin;
    bump(mine->busy_ns, static_cast<std::uint64_t>(std::chrono::nanoseconds(spent).count()));
    return result;
  }

  bool cleanup(caf::error&& reason, caf::execution_unit* unit) override {
    const bool first = Base::cleanup(std::move(reason), unit);
    probe_->depth.store(0, std::memory_order_relaxed);
    probes_.remove(probe_);
    return first;
  }

protected:
  probe& own_probe() noexcept { return *probe_; }
  probe_registry& probes() noexcept { return probes_; }

private:
  probe_registry& probes_;
  std::shared_ptr<probe> probe_;
};

}  // namespace tickcast::actors
