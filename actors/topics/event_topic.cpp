#include "actors/topics/event_topic.hpp"

#include <utility>

#include "actors/users/errands.hpp"

namespace tickcast::actors {
namespace {

/// What comes within this time is kept together.
constexpr std::chrono::milliseconds keep_every{100};

}  // namespace

event_state::event_state(std::string topic, const config::topic_class_section& as)
    : out(std::move(topic)), epoch(make_epoch()), min_interval(as.min_interval_ms), stored(as.stored) {
  view.retained = as.retained;
  view.keeps = as.history;
  view.recoverable = as.recoverable;
  is_kept = !out.topic().starts_with("presence.");
}

event_state::event_state(std::string topic, const config::topic_class_section& as, event_record&& from)
    : event_state(std::move(topic), as) {
  epoch = std::move(from.epoch);
  out.resume(from.seq);
  if (view.retained && !from.data.empty())
    view.last = std::make_shared<const std::string>(std::move(from.data));
}

event_topic::event_topic(caf::actor_config& cfg, engine& parts, std::shared_ptr<event_state> state)
    : observed(cfg, parts.probes, {"event topic", state->out.topic(), "root/topics/directory", "workers"}),
      engine_(parts),
      state_(std::move(state)),
      out_(parts.routes.posts()) {}

event_topic::behavior_type event_topic::make_behavior() {
  if (state_->held) delayed_send(this, state_->min_interval, held_due{});
  return {
      [this](const publish_event& event) { publish(event); },
      [this](const keep_due&) { keep(); },
      [this](const held_due&) { send_held(); },
      [this](const look_at_topic& question) {
        question.back->answer({state_->epoch, state_->out.seq(), std::make_shared<topic_view>(state_->view)});
      },
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
  // What is held back stays for the next one; its senders are told now, while there is a way to them.
  for (const auto& each : std::exchange(state_->held_for, {}))
    each->reject(protocol::error_code::internal,
                 "a part of the server was just being restarted: it may yet be published");
  lines_ = {};
}

void event_topic::publish(const publish_event& event) {
  if (state_->min_interval.count() > 0 && hold_back(event)) return;
  send(event);
}

bool event_topic::hold_back(const publish_event& event) {
  const auto now = std::chrono::steady_clock::now();
  if (!state_->held && now >= state_->sends_from) {
    state_->sends_from = now + state_->min_interval;
    return false;
  }
  if (state_->held)
    engine_.events_conflated.fetch_add(1, std::memory_order_relaxed);
  else
    delayed_send(this, state_->sends_from - now, held_due{});
  event.what->taken = true;
  // Without the credit: a feed must not wait for a topic that takes its time.
  state_->held = publish_event{event.what, nullptr, event.taken_ns, event.origin};
  // What it replaces is merged into it: their senders get its place.
  if (event.back) state_->held_for.push_back(event.back);
  return true;
}

void event_topic::send_held() {
  if (!state_->held) return;
  const auto event = std::move(*std::exchange(state_->held, std::nullopt));
  state_->sends_from = std::chrono::steady_clock::now() + state_->min_interval;
  send(event);
  tell_place(std::exchange(state_->held_for, {}));
}

void event_topic::tell_place(const std::vector<std::shared_ptr<publish_errand>>& whom) {
  if (whom.empty()) return;
  const published at{state_->out.topic(), state_->epoch, state_->out.seq()};
  if (!state_->stored || !engine_.keep.history) {
    for (const auto& each : whom) each->answer(at);
    return;
  }
  engine_.routes.refresh(lines_);
  tell(lines_.storage, keep_event{at.topic, record().to_bytes(), [whom, at](bool well) {
                                    for (const auto& each : whom) {
                                      if (well)
                                        each->answer(at);
                                      else
                                        each->reject(protocol::error_code::internal,
                                                     "the message was published and could not be stored");
                                    }
                                  }});
}

event_record event_topic::record() const {
  return {state_->epoch, state_->out.seq(), state_->view.last ? *state_->view.last : ""};
}

void event_topic::send(const publish_event& event) {
  auto& out = state_->out;
  const std::shared_ptr<const std::string> data(event.what, &event.what->data);
  if (engine_.event_fault) engine_.event_fault(out.topic(), *data);
  const auto made = out.prepare(data, no_feed, event.taken_ns, 0, event.origin);
  state_->view.put(out.seq() + 1, data);
  out.commit();
  event.what->taken = true;
  if (event.back) tell_place({event.back});
  bump(own_probe().sent);
  if (state_->is_kept && engine_.keep.history && !std::exchange(keeps_soon_, true))
    delayed_send(this, keep_every, keep_due{});
  if (!made) return;
  engine_.routes.refresh(lines_);
  out.hand_out(made, out_);
  out_.send(lines_, event.credit);
}

void event_topic::keep() {
  keeps_soon_ = false;
  engine_.routes.refresh(lines_);
  tell(lines_.storage, keep_event{state_->out.topic(), record().to_bytes()});
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
