#include "actors/runtime/supervisor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace tickcast::actors {

supervisor::supervisor(caf::actor_config& cfg, probe_registry& probes, options how,
                       std::vector<child_spec> children)
    : observed(cfg, probes, {"supervisor", how.name, how.parent, "workers"}),
      options_(std::move(how)),
      shared_budget_(options_.limits) {
  for (auto& spec : children) children_.push_back({std::move(spec), {}, restart_budget(options_.limits)});
}

caf::behavior supervisor::make_behavior() {
  set_down_handler([this](caf::down_msg& message) { on_down(message); });
  set_exit_handler([this](caf::exit_msg& message) { begin_stop(std::move(message.reason)); });
  for (auto& each : children_)
    if (!start(each)) child_failed(each);
  return {
      [this](const restart_child& due) {
        auto* which = find(due.id);
        if (!which || stopping_ || which->handle || which->attempt != due.attempt) return;
        if (!start(*which)) child_failed(*which);
      },
      [this](const kill_child& due) {
        auto* which = find(due.id);
        if (!which || !which->handle) return;
        spdlog::warn("{}: {} did not end in time and is killed", options_.name, due.id);
        end(which->handle, caf::exit_reason::kill);
      },
  };
}

void supervisor::on_exit() {
  children_.clear();
}

supervisor::child* supervisor::find(const std::string& id) {
  const auto found =
      std::find_if(children_.begin(), children_.end(), [&](auto& each) { return each.spec.id == id; });
  return found == children_.end() ? nullptr : &*found;
}

bool supervisor::start(child& which) {
  try {
    which.handle = which.spec.start();
  } catch (const std::exception& failure) {
    spdlog::error("{}: {} could not be started: {}", options_.name, which.spec.id, failure.what());
    return false;
  }
  monitor(which.handle);
  return true;
}

void supervisor::on_down(const caf::down_msg& message) {
  const auto found = std::find_if(children_.begin(), children_.end(), [&](auto& each) {
    return each.handle && each.handle.address() == message.source;
  });
  if (found == children_.end()) return;
  found->handle = nullptr;
  if (stopping_) {
    stop_next();
    return;
  }
  const bool failed = !is_orderly(message.reason);
  if (found->spec.restart == restart_type::temporary ||
      (found->spec.restart == restart_type::transient && !failed)) {
    children_.erase(found);
    return;
  }
  spdlog::warn("{}: {} ended ({})", options_.name, found->spec.id, to_string(message.reason));
  child_failed(*found);
}

void supervisor::child_failed(child& which) {
  const auto now = clock().now();
  auto& budget = options_.each_its_own ? which.budget : shared_budget_;
  const bool left = budget.spend(now);
  auto wait = budget.back_off();
  if (!left && !options_.each_its_own) {
    spdlog::error("{}: {} failed too often, giving up", options_.name, which.spec.id);
    begin_stop(caf::make_error(caf::sec::runtime_error, which.spec.id + " failed too often"));
    return;
  }
  if (!left) {
    spdlog::error("{}: {} keeps failing, next try in {} s", options_.name, which.spec.id,
                  options_.limits.longest.count() / 1000);
    wait = options_.limits.longest;
  }
  ++which.attempt;
  delayed_send(this, wait, restart_child{which.spec.id, which.attempt});
}

void supervisor::begin_stop(caf::error reason) {
  if (std::exchange(stopping_, true)) return;
  reason_ = std::move(reason);
  stop_next();
}

void supervisor::stop_next() {
  for (auto each = children_.rbegin(); each != children_.rend(); ++each) {
    if (!each->handle) continue;
    end(each->handle);
    delayed_send(this, each->spec.shutdown, kill_child{each->spec.id});
    return;
  }
  quit(reason_);
}

}  // namespace tickcast::actors
