#include <fmt/format.h>

#include <utility>

#include "actors/clients/command_passage.hpp"
#include "actors/clients/connection.hpp"
#include "actors/clients/history_desk.hpp"
#include "protocol/topic.hpp"

// The connection's commands about topics, and what the rules grant of them.
namespace tickcast::actors {

using protocol::error_code;

bool connection::permitted(std::uint64_t id, access::action what, const std::string& topic,
                           access::topic_form* form) {
  const auto verdict = standing_->check(what, topic);
  if (verdict.is != access::outcome::deny && (form || verdict.form.in_full())) {
    if (form) *form = verdict.form;
    return true;
  }
  const auto rule = verdict.rule.empty() ? std::string("no rule allows it")
                                         : fmt::format("rule \"{}\" decides that", verdict.rule);
  if (verdict.is == access::outcome::deny)
    refuse(id, error_code::permission_denied,
           fmt::format("{} of {} is not permitted to {}: {}", access::to_string(what), topic,
                       standing_->who().signed_in() ? standing_->who().user : "anonymous clients", rule));
  else
    refuse(id, error_code::not_available,
           fmt::format("{} may only be had delayed or in part, which cannot be done here: {}", topic, rule));
  return false;
}

bool connection::granted(std::uint64_t id, access::action what, const protocol::topic_name& topic,
                         access::topic_form& form) {
  const std::string name(topic.whole);
  if (!permitted(id, what, name, &form)) return false;
  if (topic.kind != protocol::topic_kind::indicator) return true;
  if (access::topic_form of_bars; !permitted(id, what, access::bars_of(topic), &of_bars)) return false;
  const auto both = standing_->grant(what, topic);
  if (!both) {
    refuse(id, error_code::permission_denied,
           fmt::format("{} says what all fields of its bars are, and some of them are not permitted", name));
    return false;
  }
  form = *both;
  return true;
}

void connection::on_history(std::uint64_t id, const protocol::history_command& what) {
  using protocol::topic_kind;
  if (!admitted(id)) return;
  const auto name = protocol::parse_topic(what.topic);
  if (!name) return refuse(id, error_code::unknown_topic, name.error().message);
  const bool is_series = name->kind == topic_kind::bar || name->kind == topic_kind::trade;
  if (!is_series && (name->has_symbol() || engine_.classes.of(what.topic).history == 0))
    return refuse(
        id, error_code::not_available,
        "history is kept of bars and trades, and of event topics whose class says so: ask for a topic "
        "such as bar.1m.BTCUSDT or trade.BTCUSDT");
  access::topic_form form;
  if (!granted(id, access::action::history, *name, form)) return;
  if (!is_series && (what.from_us || what.to_us))
    return refuse(id, error_code::bad_request,
                  "messages of event topics are kept without a time: leave \"from\" and \"to\" out");
  if (!is_series && form.delay_ms > 0)
    return refuse(id, error_code::not_available,
                  "messages of event topics are kept without a time: their past cannot be had delayed");
  if (!engine_.history) return refuse(id, error_code::not_available, "this server keeps no history");
  if (reads_ >= most_reads)
    return refuse(id, error_code::too_many_requests,
                  "too many history commands of this connection are under way: wait for an answer");
  ++reads_;
  engine_.history->answer(id, what, form, encoding_,
                          [self = connection_actor(this)](protocol::frame_ptr read) {
                            tell(self, history_read{std::move(read)});
                          });
}

bool connection::take_pattern(std::uint64_t id, const std::string& text,
                              std::vector<protocol::topic_pattern>& to) {
  auto parsed = protocol::parse_pattern(text);
  if (parsed)
    to.push_back(std::move(*parsed));
  else
    refuse(id, error_code::unknown_topic, parsed.error().message);
  return parsed.has_value();
}

void connection::on_subscribe(std::uint64_t id, protocol::subscribe_command& what) {
  if (!admitted(id)) return;
  subscribe made{self_ptr(), this, id, {}, nullptr};
  bool all_in_full = true;
  for (std::size_t i = 0; i < what.topics.size(); ++i) {
    auto& topic = what.topics[i];
    if (protocol::is_topic_pattern(topic)) {
      if (!take_pattern(id, topic, made.patterns)) return;
      continue;
    }
    const auto name = protocol::parse_topic(topic);
    if (!name) return refuse(id, error_code::unknown_topic, name.error().message);
    access::topic_form form;
    if (!granted(id, access::action::subscribe, *name, form)) return;
    all_in_full = all_in_full && form.in_full();
    made.forms.push_back(form);
    if (!what.seen.empty()) made.seen.push_back(std::move(what.seen[i]));
    made.topics.push_back(std::move(topic));
  }
  if (all_in_full) made.forms.clear();
  has_subscribed_ = true;
  made.passage = std::make_shared<command_passage>(connection_actor(this), id);
  tell(my_broadcaster(), std::move(made));
}

void connection::on_unsubscribe(std::uint64_t id, protocol::unsubscribe_command& what) {
  if (!admitted(id)) return;
  unsubscribe made{self_ptr(), this, id, {}, nullptr};
  for (auto& topic : what.topics) {
    if (protocol::is_topic_pattern(topic)) {
      if (!take_pattern(id, topic, made.patterns)) return;
      continue;
    }
    if (const auto name = protocol::parse_topic(topic); !name)
      return refuse(id, error_code::unknown_topic, name.error().message);
    made.topics.push_back(std::move(topic));
  }
  made.passage = std::make_shared<command_passage>(connection_actor(this), id);
  tell(my_broadcaster(), std::move(made));
}

}  // namespace tickcast::actors
