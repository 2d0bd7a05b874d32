#include "actors/runtime/supervisor.hpp"

#include <algorithm>
#include <utility>

#include "actors/runtime/log.hpp"

namespace tickcast::actors {

supervisor::supervisor(caf::actor_config& cfg, probe_registry& probes, options how,
                       std::vector<child_spec> specs)
    : observed(cfg, probes, {"supervisor", how.name, how.parent, "workers"}),
      options_(std::move(how)),
      path_(own_probe().who.path()),
      shared_budget_(options_.limits) {
  for (auto& spec : specs) children_.push_back({std::move(spec), restart_budget(options_.limits)});
  for (auto& each : children_)
    if (!bring_up(each) && !options_.each_its_own) break;
}

caf::behavior supervisor::make_behavior() {
  set_down_handler([this](caf::down_msg& message) { on_down(message); });
  set_exit_handler([this](caf::exit_msg& message) { begin_stop(std::move(message.reason)); });
  watching_ = true;
  bool all_started = true;
  for (auto& each : children_) {
    if (each.handle) monitor(each.handle);
    if (each.last_reason.empty()) continue;
    all_started = false;
    if (!options_.each_its_own) continue;
    begin_record(each, each.last_reason);
    failed(each, each.last_reason);
  }
  if (!all_started && !options_.each_its_own) begin_stop(supervision_error::failed_to_start);
  show();
  return {
      [this](const restart_due& what) { restart_due_now(what); },
      [this](const kill_due& what) { kill(what); },
      [this](const abandon_due& what) { leave_behind(what); },
      [this](const add_child& what) { command([this, what] { add(what); }, what.answer); },
      [this](const terminate_child& what) { command([this, what] { terminate(what); }, what.answer); },
      [this](const restart_child& what) { command([this, what] { start_again(what); }, what.answer); },
      [this](const delete_child& what) { command([this, what] { forget(what); }, what.answer); },
  };
}

void supervisor::on_exit() {
  probes().supervisors.remove(id());
  children_.clear();
  commands_.clear();
  then_ = nullptr;
}

supervisor::children::iterator supervisor::find(const std::string& id) {
  return std::find_if(children_.begin(), children_.end(), [&](auto& each) { return each.spec.id == id; });
}

bool supervisor::bring_up(child& which) {
  ++which.attempt;
  which.due.reset();
  which.failure.reset();
  try {
    which.handle = which.spec.start();
  } catch (const std::exception& why) {
    log(component::supervision).error("{}: {} could not be started: {}", path_, which.spec.id, why.what());
    which.last_reason = std::string("could not be started: ") + why.what();
    which.status = child_status::stopped;
    return false;
  }
  which.status = which.handle ? child_status::running : child_status::stopped;
  if (which.handle && watching_) monitor(which.handle);
  return true;
}

// ---- children that end by themselves

void supervisor::on_down(const caf::down_msg& message) {
  const auto found = std::find_if(children_.begin(), children_.end(), [&](auto& each) {
    return each.handle && each.handle.address() == message.source;
  });
  if (found == children_.end()) return;
  found->handle = nullptr;
  if (found->status == child_status::ending) {
    was_ended(found);
    end_next();
    return;
  }
  found->status = child_status::stopped;
  if (busy_)
    found->failure = message.reason;  // looked at when the others have ended
  else
    answer_exit(*found, message.reason);
  show();
}

void supervisor::answer_exit(child& which, const caf::error& reason) {
  which.last_reason = describe(reason);
  const bool failure = !is_orderly(reason);
  if (which.spec.restart == restart_type::temporary ||
      (which.spec.restart == restart_type::transient && !failure))
    return not_restarted(find(which.spec.id));
  log(component::supervision).warn("{}: {} ended: {}", path_, which.spec.id, which.last_reason);
  begin_record(which, which.last_reason);
  failed(which, which.last_reason);
}

void supervisor::not_restarted(children::iterator which) {
  const bool significant = which->spec.significant;
  if (which->spec.restart == restart_type::temporary) children_.erase(which);
  if (!significant || options_.when_significant_end == auto_shutdown::never) return;
  const bool others = std::any_of(children_.begin(), children_.end(), [](auto& each) {
    return each.spec.significant && each.status != child_status::stopped;
  });
  if (options_.when_significant_end == auto_shutdown::all_significant && others) return;
  begin_stop(caf::exit_reason::user_shutdown);
}

void supervisor::failed(child& which, const std::string& reason) {
  if (!spend(which)) {
    log(component::supervision).error("{}: {} failed too often, giving up: {}", path_, which.spec.id, reason);
    end_record(which, restart_record::outcome::gave_up);
    begin_stop(supervision_error::gave_up);
    return;
  }
  which.status = child_status::waiting;
  auto others = group_of(which);
  std::erase(others, which.spec.id);
  for (const auto& id : others)
    if (auto& other = *find(id); other.status == child_status::running)
      begin_record(other, "ended because " + which.spec.id + " failed");
  end_all(std::move(others), [this, id = which.spec.id] {
    if (const auto found = find(id); found != children_.end()) wait_for_restart(*found);
  });
}

bool supervisor::spend(child& which) {
  const auto now = clock().now();
  if (options_.each_its_own) {
    if (!which.budget.spend(now))
      log(component::supervision)
          .error("{}: {} keeps failing, next try in {} s", path_, which.spec.id,
                 options_.limits.longest.count() / 1000);
    return true;
  }
  return shared_budget_.spend(now);
}

std::vector<std::string> supervisor::group_of(const child& which) {
  std::vector<std::string> result;
  bool inside = options_.strategy == restart_strategy::one_for_all;
  for (const auto& each : children_) {
    const bool is_it = each.spec.id == which.spec.id;
    if (is_it && options_.strategy == restart_strategy::rest_for_one) inside = true;
    if (inside || is_it) result.push_back(each.spec.id);
  }
  return result;
}

void supervisor::wait_for_restart(child& which) {
  auto& budget = options_.each_its_own ? which.budget : shared_budget_;
  const bool spent = options_.each_its_own && budget.is_spent();
  const auto wait = spent ? options_.limits.longest : budget.back_off();
  which.status = child_status::waiting;
  const restart_due due{which.spec.id, ++which.attempt};
  which.due = clock().now() + wait;
  if (wait.count() == 0)
    send(this, due);
  else
    delayed_send(this, wait, due);
}

void supervisor::restart_due_now(const restart_due& what) {
  if (stopping_) return;
  if (busy_) {
    commands_.push_back([this, what] { restart_due_now(what); });
    return;
  }
  const auto which = find(what.id);
  if (which == children_.end() || which->status != child_status::waiting || which->attempt != what.attempt)
    return;
  for (const auto& id : group_of(*which)) {
    const auto each = find(id);
    if (each->handle) continue;
    const bool was_gone = each->record != 0;
    if (!bring_up(*each)) {
      if (!was_gone) begin_record(*each, each->last_reason);
      failed(*each, each->last_reason);
      break;
    }
    if (was_gone) ++each->restarts;
    end_record(*each, restart_record::outcome::restarted);
  }
  show();
}

// ---- ending children

void supervisor::end_all(std::vector<std::string> ids, std::function<void()> then) {
  busy_ = true;
  ending_ = std::move(ids);
  then_ = std::move(then);
  end_next();
}

void supervisor::end_next() {
  while (!ending_.empty()) {
    const auto which = find(ending_.back());
    if (which == children_.end()) {
      ending_.pop_back();
      continue;
    }
    if (!which->handle) {
      ending_.pop_back();
      if (which->failure && !stopping_) begin_record(*which, describe(*which->failure));
      was_ended(which);
      continue;
    }
    if (which->status == child_status::ending) return;
    which->status = child_status::ending;
    const auto time = which->spec.shutdown;
    const kill_due due{which->spec.id, ++which->attempt};
    if (time == brutal_kill) {
      kill(due);
    } else {
      end(which->handle);
      if (time != no_shutdown_limit) delayed_send(this, time, due);
    }
    show();
    return;
  }
  busy_ = false;
  if (auto then = std::exchange(then_, nullptr)) then();
  go_on();
}

void supervisor::was_ended(children::iterator which) {
  which->status = child_status::stopped;
  which->due.reset();
  which->failure.reset();
  ++which->attempt;
  if (which->spec.restart == restart_type::temporary) {
    end_record(*which, restart_record::outcome::stopped);
    children_.erase(which);
  }
}

void supervisor::kill(const kill_due& what) {
  const auto which = find(what.id);
  if (which == children_.end() || which->status != child_status::ending || which->attempt != what.attempt)
    return;
  if (which->spec.shutdown != brutal_kill)
    log(component::supervision).warn("{}: {} did not end in time and is killed", path_, what.id);
  end(which->handle, caf::exit_reason::kill);
  delayed_send(this, killing_time, abandon_due{what.id, what.attempt});
}

void supervisor::leave_behind(const abandon_due& what) {
  const auto which = find(what.id);
  if (which == children_.end() || which->status != child_status::ending || which->attempt != what.attempt)
    return;
  log(component::supervision).error("{}: {} does not end, its thread is stuck: left behind", path_, what.id);
  demonitor(which->handle);
  which->handle = nullptr;
  was_ended(which);
  end_next();
}

void supervisor::begin_stop(caf::error reason) {
  if (std::exchange(stopping_, true)) return;
  reason_ = std::move(reason);
  std::vector<std::string> all;
  for (const auto& each : children_) all.push_back(each.spec.id);
  for (auto& each : children_) end_record(each, restart_record::outcome::stopped);
  end_all(std::move(all), [this] { quit(reason_); });
}

void supervisor::go_on() {
  if (stopping_ || busy_) return;
  for (auto& each : children_) {
    if (!each.failure) continue;
    const auto reason = *std::exchange(each.failure, std::nullopt);
    answer_exit(each, reason);
    show();
    return go_on();
  }
  if (!commands_.empty()) {
    const auto next = std::move(commands_.front());
    commands_.pop_front();
    next();
    return go_on();
  }
  show();
}

}  // namespace tickcast::actors
