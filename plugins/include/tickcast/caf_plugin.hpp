#pragma once
#include <caf/all.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tickcast/plugin.hpp"

/// A plugin as a plain CAF behavior, for those who think in actors. It runs on the plugin's thread, within
/// the same budgets, and only on a thread of the server: not in a process, not under the test kit.
///
///     caf::behavior watch(caf::event_based_actor* self, tickcast::plugins::context& engine) {
///       engine.subscribe("trade.BTCUSDT");
///       return {[=, &engine](const tickcast::plugins::trade_message& trade) { … }};
///     }
///     TICKCAST_CAF_PLUGIN(watch, "watch", "1.0");
///
/// The behavior may send, request, monitor and become as it likes; actors it spawns are ordinary ones on the
/// server's workers, where nothing may block. An exception, a quit() and an exit message end the plugin as a
/// failure does.
namespace tickcast::plugins {

/// What the actor gets, by what it has subscribed to.
struct trade_message {
  std::string topic, symbol;
  std::uint64_t seq;
  protocol::trade value;
};
struct quote_message {
  std::string topic, symbol;
  std::uint64_t seq;
  protocol::quote value;
};
struct bar_message {
  std::string topic, symbol, interval;
  std::uint64_t seq;
  protocol::bar value;
};
struct event_message {
  std::string topic;
  std::uint64_t seq;
  std::string json_text;
};
struct history_message {
  std::string topic, symbol, interval;
};
struct lost_message {
  std::uint64_t updates;
};
struct timer_message {
  timer_id timer;
};

/// Makes the behavior; `engine` lives as long as the actor.
using caf_behavior = caf::behavior (*)(caf::event_based_actor* self, context& engine);

}  // namespace tickcast::plugins

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickcast::plugins::trade_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickcast::plugins::quote_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickcast::plugins::bar_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickcast::plugins::event_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickcast::plugins::history_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickcast::plugins::lost_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickcast::plugins::timer_message)

namespace tickcast::plugins::detail {

/// Runs the actor on the plugin's thread: what is ready waits here until the thread's next turn.
class caf_unit final : public caf::execution_unit {
public:
  caf_unit(caf::actor_system& system, std::function<void()> wake)
      : caf::execution_unit(&system), wake_(std::move(wake)) {}
  ~caf_unit() override {
    for (auto* each : ready_) caf::scheduler::abstract_coordinator::cleanup_and_release(each);
  }

  void exec_later(caf::resumable* job) override {
    if (job->subtype() != caf::resumable::io_actor) {
      system().scheduler().enqueue(job);
      return;
    }
    {
      const std::lock_guard guard{mutex_};
      ready_.push_back(job);
    }
    wake_();
  }

  void run() {
    std::vector<caf::resumable*> jobs;
    {
      const std::lock_guard guard{mutex_};
      jobs.swap(ready_);
    }
    for (auto* job : jobs) switch (job->resume(this, 64)) {
        case caf::resumable::resume_later:
          exec_later(job);
          break;
        case caf::resumable::awaiting_message:
        case caf::resumable::done:
          caf::intrusive_ptr_release(job);
          break;
        case caf::resumable::shutdown_execution_unit:
          break;
      }
  }

private:
  std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<caf::resumable*> ready_;  // guarded by mutex_
};

/// Shared by the actor and the plugin, whichever lives longer.
struct caf_fate {
  std::shared_ptr<caf_unit> unit;
  bool ended = false;
  std::string failure;
};

class caf_actor final : public caf::event_based_actor {
public:
  caf_actor(caf::actor_config& cfg, std::shared_ptr<caf_fate> fate, caf_behavior make,
            plugins::context& engine)
      : caf::event_based_actor(cfg), fate_(std::move(fate)), make_(make), engine_(engine) {
    set_exception_handler([this](std::exception_ptr& failure) -> caf::error {
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& e) {
        fate_->failure = e.what();
      } catch (...) {
        fate_->failure = "an exception that is no std::exception";
      }
      return caf::make_error(caf::sec::runtime_error, fate_->failure);
    });
    // CAF's own write to stdout.
    set_down_handler([](caf::down_msg&) {});
    set_error_handler([this](caf::error& error) { quit(std::move(error)); });
    set_default_handler(caf::drop);
  }

  using caf::event_based_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) override {
    caf::event_based_actor::enqueue(std::move(element), fate_->unit.get());
  }
  void launch(caf::execution_unit*, bool lazy, bool hide) override {
    caf::event_based_actor::launch(fate_->unit.get(), lazy, hide);
  }
  caf::resumable::subtype_t subtype() const override { return caf::resumable::io_actor; }
  caf::behavior make_behavior() override { return make_(this, engine_); }
  void on_exit() override { fate_->ended = true; }

private:
  std::shared_ptr<caf_fate> fate_;
  caf_behavior make_;
  plugins::context& engine_;
};

/// The plugin around the actor.
template <caf_behavior Make>
class caf_plugin final : public plugin {
public:
  ~caf_plugin() override { end_actor(); }

  void on_start() override {
    auto* const system = static_cast<caf::actor_system*>(engine().actor_system());
    if (!system) throw std::runtime_error("a CAF behavior runs only on a thread of the server");
    fate_->unit = std::make_shared<caf_unit>(*system, engine().waker());
    caf::actor_config cfg{fate_->unit.get()};
    actor_ = system->spawn_class<caf_actor, caf::no_spawn_options>(cfg, fate_, Make, engine());
    on_wake();
  }
  void on_trade(const source& from, const protocol::trade& trade) override {
    pass(trade_message{std::string(from.topic), std::string(from.symbol), from.seq, trade});
  }
  void on_quote(const source& from, const protocol::quote& quote) override {
    pass(quote_message{std::string(from.topic), std::string(from.symbol), from.seq, quote});
  }
  void on_bar(const source& from, const protocol::bar& bar) override {
    pass(bar_message{std::string(from.topic), std::string(from.symbol), std::string(from.interval), from.seq,
                     bar});
  }
  void on_event(const source& from, std::string_view message) override {
    pass(event_message{std::string(from.topic), from.seq, std::string(message)});
  }
  void on_history(const source& from) override {
    pass(history_message{std::string(from.topic), std::string(from.symbol), std::string(from.interval)});
  }
  void on_lost(std::uint64_t updates) override { pass(lost_message{updates}); }
  void on_timer(timer_id timer) override { pass(timer_message{timer}); }
  void on_stop() override { end_actor(); }

private:
  /// Sent and handled in one: so the inbox stays the only place where something waits.
  template <class Message>
  void pass(Message&& what) {
    caf::anon_send(actor_, std::forward<Message>(what));
    on_wake();
  }
  void on_wake() override {
    if (!fate_->unit) return;
    fate_->unit->run();
    if (!fate_->ended) return;
    throw std::runtime_error(fate_->failure.empty() ? "its actor has ended" : fate_->failure);
  }
  void end_actor() {
    if (!actor_) return;
    caf::anon_send_exit(actor_, caf::exit_reason::kill);
    // What waits before the end is behind it: at most a mailbox of the actor's own messages.
    for (int turns = 0; turns < 1000 && !fate_->ended; ++turns) fate_->unit->run();
    actor_ = nullptr;
  }

  std::shared_ptr<caf_fate> fate_ = std::make_shared<caf_fate>();
  caf::actor actor_;
};

}  // namespace tickcast::plugins::detail

/// Makes a library of a behavior: once, at the end of a source file, outside of all namespaces.
#define TICKCAST_CAF_PLUGIN(make_behavior, plugin_name, plugin_version)                        \
  extern "C" {                                                                                 \
  TICKCAST_EXPORT extern const tickcast_plugin_abi_record tickcast_plugin_abi;                 \
  const tickcast_plugin_abi_record tickcast_plugin_abi =                                       \
      TICKCAST_ABI_RECORD(TICKCAST_ABI_TEXT(CAF_VERSION));                                     \
  TICKCAST_EXPORT extern const tickcast::plugins::plugin_entry tickcast_plugin_entry;          \
  const tickcast::plugins::plugin_entry tickcast_plugin_entry =                                \
      tickcast::plugins::detail::entry<tickcast::plugins::detail::caf_plugin<&make_behavior>>( \
          plugin_name, plugin_version);                                                        \
  }                                                                                            \
  static_assert(true, "")
