#pragma once
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "actors/runtime/caf.hpp"
#include "actors/runtime/description.hpp"
#include "actors/runtime/inspection.hpp"
#include "actors/runtime/probe.hpp"

namespace tickcast::actors {

/// What a caught exception says.
std::string describe(const std::exception_ptr& failure);
/// Logs and counts that an actor failed, or that a message reached nobody's handler.
void report_failure(probe& of, const std::string& what);
void report_unexpected(probe& of, const std::string& what);
/// How often each was reported in this process. Any thread.
struct mishaps {
  std::uint64_t failures = 0;
  std::uint64_t unexpected = 0;
};
mishaps mishaps_so_far() noexcept;

/// Every actor's base: has the probe, and the handlers that CAF would otherwise fill with writes to stdout.
/// An exception that leaves a handler ends this actor with a reason, and no other.
/// `Base`: caf::event_based_actor or a typed actor's base.
template <class Base>
class observed : public Base {
public:
  template <class... Ts>
  observed(caf::actor_config& cfg, probe_registry& probes, identity who, Ts&&... xs)
      : Base(cfg, std::forward<Ts>(xs)...),
        probes_(probes),
        probe_(make_probe(std::move(who), this->ctrl())) {
    probes_.add(probe_);
    this->set_exception_handler([this](std::exception_ptr& failure) -> caf::error {
      auto text = actors::describe(failure);
      report_failure(*probe_, text);
      return caf::make_error(caf::sec::runtime_error, std::move(text));
    });
    this->set_error_handler([this](caf::error& error) { this->quit(std::move(error)); });
    this->set_down_handler([](caf::down_msg&) {});
    this->set_exit_handler([this](caf::exit_msg& message) { this->quit(std::move(message.reason)); });
    this->set_default_handler(
        [this](caf::scheduled_actor*, caf::message_view& view) -> caf::result<caf::message> {
          if (look_inside(view.content())) return caf::message{};
          report_unexpected(*probe_, to_string(view.content()));
          return caf::sec::unexpected_message;
        });
  }
  ~observed() override { probes_.remove(probe_); }

  using Base::enqueue;
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override {
    probe_->enter();
    Base::enqueue(std::move(element), unit);
  }

  caf::invoke_message_result consume(caf::mailbox_element& element) override {
    if (trace_ && !is_a_look(element.content())) [[unlikely]]
      return consume_traced(element);
    const auto result = Base::consume(element);
    if (result != caf::invoke_message_result::skipped) handled();
    return result;
  }

  caf::resumable::resume_result resume(caf::execution_unit* unit, size_t throughput) override {
    // The actor may be released on the way out; its probe must not be.
    const auto mine = probe_;
    const busy_time busy(*mine);
    return Base::resume(unit, throughput);
  }

  bool cleanup(caf::error&& reason, caf::execution_unit* unit) override {
    const bool first = Base::cleanup(std::move(reason), unit);
    probe_->ended.store(true, std::memory_order_relaxed);
    probes_.remove(probe_);
    trace_ = nullptr;
    return first;
  }

protected:
  /// While it lives the actor counts as running, and its time as busy.
  class busy_time {
  public:
    explicit busy_time(probe& of) noexcept : of_(of), began_(steady_ns()) {
      of_.handling_since_ns.store(began_, std::memory_order_relaxed);
    }
    busy_time(const busy_time&) = delete;
    busy_time& operator=(const busy_time&) = delete;
    ~busy_time() {
      bump(of_.busy_ns, static_cast<std::uint64_t>(steady_ns() - began_));
      of_.handling_since_ns.store(0, std::memory_order_relaxed);
    }

  private:
    probe& of_;
    std::int64_t began_;
  };

  /// Adds the actor's own state, for the console; called on its thread when somebody looks.
  virtual void describe_to(description&) {}
  /// Somebody wants to see what reaches the actor, or no longer.
  virtual void on_trace(bool) {}
  /// Whether somebody traces this actor; note() takes what reaches it without a message.
  bool traced() const noexcept { return trace_ != nullptr; }
  void note(std::string name, std::string text) {
    message_trace::row told{.at_us = wall_us(), .message = std::move(name), .text = std::move(text)};
    trace(told, 0);
  }

  probe& own_probe() noexcept { return *probe_; }
  const probe& own_probe() const noexcept { return *probe_; }
  probe_registry& probes() noexcept { return probes_; }

private:
  caf::invoke_message_result consume_traced(caf::mailbox_element& element) {
    auto told = row_of(element);
    const auto result = Base::consume(element);
    if (result == caf::invoke_message_result::skipped) return result;
    const auto took = handled();
    if (trace_) trace(told, took);
    return result;
  }
  /// Closes the account of one message; returns what it took, ns.
  std::int64_t handled() noexcept {
    probe_->leave();
    const auto now = steady_ns();
    const auto took = now - probe_->handling_since_ns.load(std::memory_order_relaxed);
    probe_->times.add(static_cast<std::uint64_t>(took));
    probe_->handling_since_ns.store(now, std::memory_order_relaxed);
    return took;
  }
  /// The console's own messages, which every actor understands and no trace shows.
  static bool is_a_look(const caf::type_erased_tuple& message) {
    return message.match_elements<describe_actor>() || message.match_elements<trace_actor>();
  }
  bool look_inside(const caf::type_erased_tuple& message) {
    if (message.match_elements<describe_actor>()) {
      description mine;
      describe_to(mine);
      message.get_as<describe_actor>(0).answer(std::move(mine));
      return true;
    }
    if (message.match_elements<trace_actor>()) {
      trace_ = message.get_as<trace_actor>(0).to;
      on_trace(true);
      return true;
    }
    return false;
  }
  void trace(message_trace::row& told, std::int64_t took_ns) {
    told.took_ns = took_ns;
    if (trace_->add(std::move(told))) return;
    trace_ = nullptr;
    on_trace(false);
  }

  probe_registry& probes_;
  std::shared_ptr<probe> probe_;
  std::shared_ptr<message_trace> trace_;
};

}  // namespace tickcast::actors
