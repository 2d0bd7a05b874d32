#include "actors/topics/event_topic.hpp"

#include <utility>

#include "actors/users/errands.hpp"

namespace tickcast::actors {
namespace {

/// What comes within this time is kept together.
constexpr std::chrono::milliseconds keep_every{100};

}  // namespace

event_topic::event_topic(caf::actor_config& cfg, engine& parts, std::shared_ptr<event_state> state)
    : observed(cfg, parts.probes, {"event topic", state->out.topic(), "root/topics/directory", "workers"}),
      engine_(parts),
      state_(std::move(state)),
      out_(parts.routes.posts()) {}

event_topic::behavior_type event_topic::make_behavior() {
  return {
      [this](const publish_event& event) { publish(event); },
      [this](const keep_due&) { keep(); },
      [this](const listen& wish) { on_listen(wish); },
      [this](const report_topics& ask) {
        ask.to->add_topic({state_->out.topic(), state_->epoch, state_->out.seq(), -1, {}});
      },
  };
}

void event_topic::describe_to(description& to) {
  to.add("epoch", state_->epoch);
  to.add("seq", state_->out.seq());
  to.add("listeners", state_->out.listeners().size());
  if (state_->view.last) to.add("last_message", *state_->view.last);
}

void event_topic::on_exit() {
  if (keeps_soon_) keep();
  lines_ = {};
}

void event_topic::publish(const publish_event& event) {
  auto& out = state_->out;
  const std::shared_ptr<const std::string> data(event.what, &event.what->data);
  if (engine_.event_fault) engine_.event_fault(out.topic(), *data);
  const auto made = out.prepare(data, no_feed, event.taken_ns, 0, event.origin);
  state_->view.last = data;
  out.commit();
  event.what->taken = true;
  if (event.back) event.back->answer({out.topic(), state_->epoch, out.seq()});
  bump(own_probe().sent);
  if (engine_.keep.history && !std::exchange(keeps_soon_, true)) delayed_send(this, keep_every, keep_due{});
  if (!made) return;
  engine_.routes.refresh(lines_);
  out.hand_out(made, out_);
  out_.send(lines_, event.credit);
}

void event_topic::keep() {
  keeps_soon_ = false;
  engine_.routes.refresh(lines_);
  tell(lines_.storage,
       keep_event{state_->out.topic(),
                  event_record{state_->epoch, state_->out.seq(), state_->view.last ? *state_->view.last : ""}
                      .to_bytes()});
}

void event_topic::on_listen(const listen& wish) {
  auto& out = state_->out;
  out.set_listener({wish.post, wish.ticket, wish.classes});
  if (wish.classes == 0) return;
  engine_.routes.refresh(lines_);
  tell(lines_.posts[wish.post], attached{wish.ticket, state_->epoch, out.seq(), no_feed, false,
                                         std::make_shared<topic_view>(state_->view)});
}

}  // namespace tickcast::actors
