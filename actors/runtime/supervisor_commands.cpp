// What supervisor does when it is told to, and what it shows of itself.
#include <utility>

#include "actors/runtime/supervisor.hpp"

namespace tickcast::actors {
namespace {

constexpr std::size_t commands_kept = 1000;

void answer(const supervision_answer& to, const std::string& refusal = {}) {
  if (to) to(refusal);
}

}  // namespace

void supervisor::command(std::function<void()> what, const supervision_answer& to) {
  if (stopping_) return answer(to, path_ + " is stopping");
  if (busy_) {
    if (commands_.size() >= commands_kept) return answer(to, path_ + " has too many commands waiting");
    commands_.push_back(std::move(what));
    return;
  }
  what();
  if (!busy_) show();
}

void supervisor::add(const add_child& what) {
  if (find(what.spec->id) != children_.end())
    return answer(what.answer, path_ + " already has a child " + what.spec->id);
  children_.push_back({*what.spec, restart_budget(options_.limits)});
  auto& made = children_.back();
  if (bring_up(made)) return answer(what.answer);
  const auto why = made.last_reason;
  children_.pop_back();
  answer(what.answer, what.spec->id + " " + why);
}

void supervisor::terminate(const terminate_child& what) {
  const auto which = find(what.id);
  if (which == children_.end()) return answer(what.answer, path_ + " has no child " + what.id);
  end_record(*which, restart_record::outcome::stopped);
  which->last_reason = "stopped by hand";
  end_all({what.id}, [to = what.answer] { answer(to); });
}

void supervisor::start_again(const restart_child& what) {
  const auto which = find(what.id);
  if (which == children_.end()) return answer(what.answer, path_ + " has no child " + what.id);
  if (which->handle) return answer(what.answer, what.id + " is running");
  if (which->status == child_status::waiting)
    return answer(what.answer, what.id + " is about to be restarted");
  if (!bring_up(*which)) return answer(what.answer, what.id + " " + which->last_reason);
  answer(what.answer);
}

void supervisor::forget(const delete_child& what) {
  const auto which = find(what.id);
  if (which == children_.end()) return answer(what.answer, path_ + " has no child " + what.id);
  if (which->handle || which->status == child_status::waiting)
    return answer(what.answer, what.id + " is running; stop it first");
  children_.erase(which);
  answer(what.answer);
}

void supervisor::begin_record(child& which, const std::string& reason) {
  which.ended = clock().now();
  which.record = probes().restarts.begin(path_, which.spec.id, reason);
  which.last_reason = reason;
}

void supervisor::end_record(child& which, restart_record::outcome became) {
  if (which.record == 0) return;
  const auto gone = std::chrono::duration_cast<std::chrono::milliseconds>(clock().now() - which.ended);
  probes().restarts.complete(
      std::exchange(which.record, 0), became,
      became == restart_record::outcome::restarted ? std::optional(gone.count()) : std::nullopt);
}

void supervisor::show() {
  auto view = std::make_shared<supervisor_view>();
  view->path = path_;
  view->actor = id();
  view->strategy = options_.strategy;
  view->limits = options_.limits;
  view->each_its_own = options_.each_its_own;
  view->spent = shared_budget_.times();
  for (const auto& each : children_)
    view->children.push_back(
        {each.spec.id, each.handle ? each.handle.id() : 0, each.status, each.spec.restart, each.restarts,
         each.due, each.last_reason,
         options_.each_its_own ? each.budget.times() : std::vector<restart_budget::time_point>{}});
  probes().supervisors.post(std::move(view));
}

}  // namespace tickcast::actors
