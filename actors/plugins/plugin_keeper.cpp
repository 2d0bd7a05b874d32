#include "actors/plugins/plugin_keeper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "actors/runtime/log.hpp"

namespace tickcast::actors {
namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::chrono::milliseconds shortest_wait{100};
constexpr std::chrono::milliseconds longest_wait{10'000};
/// Beyond a handler's budget, for a run that was told to stop or to save.
constexpr std::int64_t stop_patience_ns = 1'000 * ns_per_ms;

restart_limits limits_of(const config::plugin_section& section) {
  return {section.budget_restarts, std::chrono::milliseconds(section.budget_period_ms), shortest_wait,
          longest_wait};
}

}  // namespace

plugin_keeper::plugin_keeper(caf::actor_config& cfg, plugin_board& board, std::shared_ptr<plugin_record> of,
                             plugin_outcome then)
    : observed(cfg, board.parts().probes, {"plugin", of->section.name, "root/plugins", "workers"}),
      board_(board),
      record_(std::move(of)),
      feed_(board_.parts(), *record_),
      started_(std::move(then)),
      budget_(limits_of(record_->section)) {}

plugin_keeper::behavior_type plugin_keeper::make_behavior() {
  set_exit_handler([this](caf::exit_msg& message) { told_to_end(std::move(message.reason)); });
  start_fresh();
  delayed_send(this, look_every, plugin_look{});
  return {
      [this](const plugin_prepared& told) { on_prepared(told); },
      [this](const plugin_running& told) { on_running(told); },
      [this](const plugin_ended& told) { on_ended(told); },
      [this](const plugin_look&) {
        look();
        delayed_send(this, look_every, plugin_look{});
      },
      [this](const plugin_restart& due) {
        if (due.attempt == attempt_ && !stopping_ && !now_.run) start_fresh();
      },
      [this](const reload_plugin& wish) { reload(wish); },
  };
}

void plugin_keeper::on_exit() {
  // Ended by a failure of our own or a kill: no run may outlive its keeper.
  for (auto* each : {&now_, change_ ? &change_->next : nullptr})
    if (each && each->run) {
      each->run->retire();
      board_.bury(record_->section.name, std::exchange(each->run, nullptr));
    }
  leave_hub();
  record_->show(nullptr);
  feed_.end();
  answer(started_, "the plugin was ended");
  if (change_) answer(change_->then, "the plugin was ended");
  change_.reset();
}

void plugin_keeper::set(plugin_state state) {
  record_->state.store(state);
  feed_.look(state, steady_ns());
}

void plugin_keeper::answer(plugin_outcome& then, const std::string& error) {
  if (auto told = std::exchange(then, nullptr)) told(error);
}

// ---- starting

plugin_keeper::live_run plugin_keeper::begin(const std::string& library) {
  live_run made;
  made.number = ++last_number_;
  made.library = library;
  made.run = board_.make_run(*record_, library, letters_);
  const plugin_keeper_actor me(this);
  made.run->start({
      [me, n = made.number](std::string version) {
        tell(me, plugin_prepared{n, std::move(version)});
      },
      [me, n = made.number] { tell(me, plugin_running{n}); },
      [me, n = made.number](plugins::run_end end) {
        tell(me, plugin_ended{n, std::make_shared<plugins::run_end>(std::move(end))});
      },
  });
  return made;
}

void plugin_keeper::start_fresh() {
  set(plugin_state::starting);
  letters_ = std::make_shared<plugins::inbox>(record_->section.budget_mailbox, record_->seen);
  record_->set_letters(letters_);
  try {
    now_ = begin(record_->library());
  } catch (const std::exception& failure) {
    failed(failure.what(), false, true);
    return;
  }
  record_->show(now_.run);
}

void plugin_keeper::on_prepared(const plugin_prepared& told) {
  if (now_.run && told.run == now_.number) {
    now_.version = told.version;
    record_->set_version(told.version);
    if (!stopping_) now_.run->go(std::exchange(roll_back_state_, {}), roll_back_version_, {});
  } else if (change_ && told.run == change_->next.number) {
    change_->next.version = told.version;
    if (now_.run && now_.running) {
      now_.run->stop(true);
      stop_by_ns_ = steady_ns() + record_->section.budget_handler_ms * ns_per_ms + stop_patience_ns;
    } else {
      // Nothing runs that could hand anything over.
      hand_over({});
    }
  }
}

void plugin_keeper::on_running(const plugin_running& told) {
  if (!now_.run || told.run != now_.number) return;
  now_.running = true;
  set(plugin_state::running);
  log(component::plugins).info("plugin {} {} runs", record_->section.name, now_.version);
  end_record(restart_record::outcome::restarted);
  answer(started_, {});
  if (!change_ || !change_->handed_over) return;
  auto finished = std::move(*change_);
  change_.reset();
  answer(finished.then, finished.trouble);
}

// ---- ending

void plugin_keeper::on_ended(const plugin_ended& told) {
  if (now_.run && told.run == now_.number)
    run_ended(*told.end);
  else if (change_ && told.run == change_->next.number)
    next_ended(*told.end);
}

void plugin_keeper::run_ended(plugins::run_end& end) {
  now_.run.reset();  // waits for no more than the thread's return
  record_->show(nullptr);
  stop_by_ns_ = 0;
  if (stopping_) {
    if (end.how != plugins::run_end::why::asked) record_->failed(end.error, false);
    finish();
    return;
  }
  if (change_ && change_->handed_over) {
    roll_back(end.error);
    return;
  }
  if (change_ && end.how == plugins::run_end::why::asked) {
    hand_over(std::move(end.state));
    return;
  }
  if (change_) {
    change_->trouble = fmt::format(
        "the old version failed while it saved ({}); the new one began without its state", end.error);
    record_->failed(end.error, false);
    hand_over({});
    return;
  }
  failed(end.error, false, end.how == plugins::run_end::why::unfit);
}

void plugin_keeper::failed(const std::string& why, bool retired, bool hopeless) {
  record_->failed(why, retired);
  begin_record(why);
  leave_hub();
  if (change_ && !change_->handed_over) {
    auto broken_off = std::move(*change_);
    change_.reset();
    if (broken_off.next.run) {
      broken_off.next.run->retire();
      board_.bury(record_->section.name, broken_off.next.run);
    }
    answer(broken_off.then, "the old version failed meanwhile: " + why);
  }
  const auto lingering = board_.lingering(record_->section.name);
  const bool left = !hopeless && budget_.spend(std::chrono::steady_clock::now());
  record_->budget_spent.store(budget_.times().size());
  if (left && lingering < most_lingering) {
    const auto wait = budget_.back_off();
    record_->restarts.fetch_add(1);
    set(plugin_state::restarting);
    log(component::plugins)
        .warn("plugin {} failed: {}; next start in {} ms", record_->section.name, why, wait.count());
    delayed_send(this, wait, plugin_restart{++attempt_});
    return;
  }
  set(plugin_state::failed);
  end_record(restart_record::outcome::gave_up);
  const auto final_word =
      hopeless ? why
      : lingering >= most_lingering
          ? fmt::format("{}; {} of its threads never came back", why, lingering)
          : fmt::format("{}; its {} restarts are spent", why, record_->section.budget_restarts);
  log(component::plugins).error("plugin {} stays down: {}", record_->section.name, final_word);
  own_probe().set_last_error(final_word);
  answer(started_, final_word);
}

void plugin_keeper::retire(const std::string& why) {
  now_.run->retire();
  board_.bury(record_->section.name, std::exchange(now_.run, nullptr));
  record_->show(nullptr);
  alarmed_ = false;
  alarm_over_ns_ = patience_spent_ns_ = 0;
  stop_by_ns_ = 0;
  if (stopping_) {
    record_->failed(why, true);
    finish();
    return;
  }
  if (change_ && change_->handed_over) {
    roll_back(why);
    return;
  }
  failed(why, true, false);
}

void plugin_keeper::begin_record(const std::string& why) {
  if (gone_ != 0) return;  // failed again before it ran
  gone_since_ns_ = steady_ns();
  gone_ = board_.parts().probes.restarts.begin("root/plugins", record_->section.name, why);
}

void plugin_keeper::end_record(restart_record::outcome became) {
  if (gone_ == 0) return;
  std::optional<std::int64_t> down_ms;
  if (became == restart_record::outcome::restarted) down_ms = (steady_ns() - gone_since_ns_) / ns_per_ms;
  board_.parts().probes.restarts.complete(std::exchange(gone_, 0), became, down_ms);
}

void plugin_keeper::leave_hub() {
  if (letters_) tell(board_.hub(), hub_leave{letters_});
  record_->set_letters(nullptr);
  record_->seen->set_subscriptions({});
}

void plugin_keeper::told_to_end(caf::error reason) {
  if (stopping_) return;
  stopping_ = true;
  stop_reason_ = std::move(reason);
  if (!now_.run) {
    finish();
    return;
  }
  now_.run->stop(false);
  stop_by_ns_ = steady_ns() + stop_patience_ns;
}

void plugin_keeper::finish() {
  set(plugin_state::stopped);
  end_record(restart_record::outcome::stopped);
  quit(stop_reason_);
}

// ---- watching

void plugin_keeper::look() {
  const auto now = steady_ns();
  feed_.look(record_->state.load(), now);
  if (!now_.run) return;
  look_at_handler(now);
  if (!now_.run || stop_by_ns_ == 0 || now < stop_by_ns_) return;
  const auto* handler = now_.run->beat().handler.load();
  if (stopping_) {
    retire(fmt::format("did not end when it was told to; it is in {}", handler));
  } else if (change_ && !change_->handed_over) {
    change_->trouble = fmt::format(
        "the old version did not hand over its state in time (it is in {}); the new one began without it",
        handler);
    record_->failed(change_->trouble, true);
    now_.run->retire();
    board_.bury(record_->section.name, std::exchange(now_.run, nullptr));
    stop_by_ns_ = 0;
    alarmed_ = false;
    alarm_over_ns_ = 0;
    hand_over({});
  }
}

void plugin_keeper::look_at_handler(std::int64_t now) {
  const auto& section = record_->section;
  const auto began = now_.run->beat().handler_began_ns.load(std::memory_order_acquire);
  if (now - period_began_ns_ > section.budget_period_ms * ns_per_ms) {
    period_began_ns_ = now;
    patience_spent_ns_ = 0;
  }
  const auto over = began == 0 ? 0 : now - began - section.budget_handler_ms * ns_per_ms;
  if (over <= 0) {
    if (!std::exchange(alarmed_, false)) return;
    patience_spent_ns_ += std::exchange(alarm_over_ns_, 0);
    if (now_.running) set(plugin_state::running);
    return;
  }
  const auto* handler = now_.run->beat().handler.load();
  if (!std::exchange(alarmed_, true)) {
    record_->alarms.fetch_add(1);
    set(plugin_state::stuck);
    log(component::plugins)
        .warn("plugin {} is stuck: {} runs for longer than {} ms", section.name, handler,
              section.budget_handler_ms);
  }
  if (over < alarm_over_ns_) {
    // Another handler, as slow.
    patience_spent_ns_ += alarm_over_ns_;
    record_->alarms.fetch_add(1);
  }
  alarm_over_ns_ = over;
  if (patience_spent_ns_ + over <= section.budget_stuck_ms * ns_per_ms) return;
  retire(fmt::format("stuck in {}: its handlers took {} ms longer than they may, within {} ms", handler,
                     (patience_spent_ns_ + over) / ns_per_ms, section.budget_period_ms));
}

// ---- another version

void plugin_keeper::reload(const reload_plugin& wish) {
  auto then = wish.then;
  if (stopping_ || change_) {
    answer(then, stopping_ ? "the plugin is being unloaded" : "the plugin is being reloaded already");
    return;
  }
  const auto library = wish.library.empty() ? record_->library() : wish.library;
  if (!now_.run) {
    // An operator's start is a new beginning.
    ++attempt_;
    budget_.reset();
    record_->budget_spent.store(0);
    record_->clear_error();
    record_->set_library(library);
    started_ = std::move(then);
    start_fresh();
    return;
  }
  change_.emplace(change{});
  change_->then = std::move(then);
  change_->old_version = now_.version;
  try {
    change_->next = begin(library);
  } catch (const std::exception& failure) {
    auto failed_change = std::move(*change_);
    change_.reset();
    answer(failed_change.then, failure.what());
  }
}

void plugin_keeper::hand_over(std::optional<std::string> state) {
  change_->handed_over = true;
  change_->state = state;
  auto old_library = std::exchange(now_, std::move(change_->next)).library;
  change_->next = {};
  change_->next.library = std::move(old_library);  // to go back to
  record_->show(now_.run);
  record_->set_version(now_.version);
  record_->set_library(now_.library);
  set(plugin_state::starting);
  now_.run->go(std::move(state), change_->old_version, record_->seen->subscriptions());
}

void plugin_keeper::next_ended(const plugins::run_end& end) {
  auto refused = std::move(*change_);
  change_.reset();
  refused.next.run.reset();
  log(component::plugins)
      .warn("plugin {}: the new version cannot be used, the old one goes on: {}", record_->section.name,
            end.error);
  answer(refused.then, end.error);
}

void plugin_keeper::roll_back(const std::string& why) {
  auto back = std::move(*change_);
  change_.reset();
  log(component::plugins)
      .warn("plugin {}: the new version failed at its start, back to the old one: {}", record_->section.name,
            why);
  record_->failed(why, false);
  leave_hub();
  record_->set_library(back.next.library);
  record_->restarts.fetch_add(1);
  roll_back_state_ = std::move(back.state);
  roll_back_version_ = back.old_version;
  start_fresh();
  answer(back.then, fmt::format("the new version failed at its start: {}; the old version goes on", why));
}

}  // namespace tickcast::actors
