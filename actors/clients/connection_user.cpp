#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/clients/command_passage.hpp"
#include "actors/clients/connection.hpp"
#include "actors/runtime/inspection.hpp"
#include "actors/topics/stream.hpp"
#include "actors/users/errands.hpp"
#include "protocol/topic.hpp"

// The connection's other half: its user's agent, backends, and what it publishes itself.
namespace tickcast::actors {
namespace {

using protocol::error_code;

/// A manager that was being restarted when it was told of a connection is told again after this time.
constexpr std::chrono::seconds welcome_time{2};

/// How a call ended, as its client hears it.
protocol::frame_ptr encode_end(protocol::encoding as, std::uint64_t id, const call_errand::result& how) {
  if (!how) return protocol::encode_error(as, id, how.error().code, how.error().message);
  if (how->code != 0) return protocol::encode_call_error(as, id, how->code, how->message, how->data);
  return protocol::encode_call_reply(as, id, how->data);
}

}  // namespace

void shard_clients::add(connection& who) {
  who.place = all_.size();
  all_.push_back(&who);
}

void shard_clients::remove(connection& who) {
  all_[who.place] = all_.back();
  all_[who.place]->place = who.place;
  all_.pop_back();
}

user_side& connection::side() {
  if (!side_) {
    side_ = std::make_unique<user_side>();
    side_->publishes_left = engine_.settings.limits.publishes_per_s;
    side_->refilled = where().now();
  }
  return *side_;
}

const std::string& connection::client_name() {
  if (client_.empty()) client_ = make_epoch();
  return client_;
}

void connection::announce() {
  if (!standing_->who().signed_in() || turned_away_) return;
  auto& mine = side();
  mine.announced = where().now();
  auto what = std::make_shared<device>();
  what->connection = self_ptr();
  what->client = client_name();
  what->remote = own_probe().who.name;
  what->encoding = encoding_;
  what->who = standing_;
  what->since_us = wall_us();
  what->seen = mine.seen;
  tell(engine_.routes.users(), user_came{std::move(what)});
}

void connection::announce_if_due() {
  if (!standing_->who().signed_in()) return;
  const bool unheard =
      side_ && side_->announced && !side_->agent && where().now() - *side_->announced >= welcome_time;
  if (!side_ || !side_->announced || unheard) announce();
}

void connection::on_welcome(const user_welcome& from) {
  side().agent = caf::actor_cast<user_agent_actor>(from.agent);
}

void connection::on_to_client(const to_client& what) {
  if (what.is_answer)
    answer(what.frame);
  else
    deliver(what.frame);
}

void connection::on_call_ended(const call_ended& what) {
  --side().calls;
  if (what.frame) answer(what.frame);
}

void connection::on_topics(const device_topics& what) {
  // Without an id: nobody waits for a reply, and what is so already is left as it is.
  auto topics = *what.topics;
  const auto passage = std::make_shared<command_passage>(connection_actor(this), 0);
  if (what.begins) {
    has_subscribed_ = true;
    tell(my_broadcaster(), subscribe{self_ptr(), this, 0, std::move(topics), passage});
  } else {
    tell(my_broadcaster(), unsubscribe{self_ptr(), this, 0, std::move(topics), passage});
  }
}

void connection::on_dismissed(const dismissed& why) {
  turned_away_ = true;
  if (passport_) passport_->held.clear();
  if (link_) link_->close(why.code, why.reason);
}

void connection::on_look_again() {
  if (passport_ && passport_->shown && passport_->asking == passport::step::none && !turned_away_)
    ask(passport::step::look, passport_->shown, true);
}

bool connection::may_publish_now() {
  auto& mine = side();
  const double rate = engine_.settings.limits.publishes_per_s;
  const auto now = where().now();
  mine.publishes_left =
      std::min(rate, mine.publishes_left + rate * std::chrono::duration<double>(now - mine.refilled).count());
  mine.refilled = now;
  if (mine.publishes_left < 1) return false;
  mine.publishes_left -= 1;
  return true;
}

void connection::on_publish(std::uint64_t id, const protocol::client_publish_command& what) {
  if (!admitted(id)) return;
  const auto name = protocol::parse_topic(what.topic);
  if (!name) return refuse(id, error_code::unknown_topic, name.error().message);
  if (protocol::is_reserved(name->kind))
    return refuse(id, error_code::permission_denied, "topics of this kind are written by the engine alone");
  if (!may_publish(id, *name)) return;
  if (!may_publish_now())
    return refuse(id, error_code::too_many_requests,
                  "more messages a second than limits.publishes_per_s allows a connection");
  auto back = std::make_shared<publish_errand>([self = self_ptr(), who = this,
                                                by = seat == no_seat ? broadcaster_actor{} : my_broadcaster(),
                                                id, as = encoding_](const publish_errand::result& how) {
    auto frame = how ? protocol::encode_publish_reply(as, id, {how->topic, how->epoch, how->seq})
                     : protocol::encode_error(as, id, how.error().code, how.error().message);
    // Without a subscription there is nothing it could be behind.
    if (by)
      tell(by, client_answer{self, who, std::move(frame)});
    else
      tell(caf::actor_cast<connection_actor>(self), to_client{std::move(frame), true});
  });
  tell(engine_.routes.directory(),
       publish_order{what.topic, what.data, what.echo ? 0 : this->id(), std::move(back)});
}

/// By a rule, or, where none fits, by the topic's class.
bool connection::may_publish(std::uint64_t id, const protocol::topic_name& topic) {
  const std::string name(topic.whole);
  const auto verdict = standing_->check(access::action::publish, name);
  const bool is_open = topic.kind == protocol::topic_kind::other && topic.word != "admin";
  if (verdict.is == access::outcome::deny && verdict.rule.empty() && is_open &&
      engine_.classes.of(name).publish)
    return true;
  return permitted(id, access::action::publish, name);
}

void connection::on_presence(std::uint64_t id, const protocol::presence_command& what) {
  if (!admitted(id)) return;
  const auto name = protocol::parse_topic(what.topic);
  if (!name) return refuse(id, error_code::unknown_topic, name.error().message);
  if (!permitted(id, access::action::presence, what.topic)) return;
  if (!engine_.classes.of(what.topic).presence)
    return refuse(id, error_code::not_available, "this topic's class keeps no presence");
  const auto answer_with = [self = connection_actor(this), id, as = encoding_,
                            topic = what.topic](const errand<presence_list>::result& how) {
    if (!how) {
      tell(self, to_client{protocol::encode_error(as, id, how.error().code, how.error().message), true});
      return;
    }
    const auto& found = *how;
    std::vector<protocol::present_user> users;
    for (const auto& each : found.users) users.push_back({each.user, each.name, each.connections});
    protocol::presence_result result;
    result.at.topic = topic;
    result.at.epoch = found.at.epoch;
    result.at.seq = found.at.seq;
    result.connections = found.connections;
    result.anonymous = found.anonymous;
    result.users = users;
    tell(self, to_client{protocol::encode_presence_reply(as, id, result), true});
  };
  const auto back = std::make_shared<errand<presence_list>>(answer_with);
  tell(engine_.routes.presence(),
       ask_presence{what.topic, [back](presence_list&& found) { back->answer(std::move(found)); }});
}

void connection::on_ack(std::uint64_t id, protocol::ack_command&& what) {
  if (!standing_->who().signed_in())
    return refuse(id, error_code::unauthorized, "only somebody who has signed in gets messages");
  if (side_ && side_->agent) tell(side_->agent, messages_seen{std::move(what.epoch), std::move(what.seqs)});
  if (id != 0) answer(protocol::encode_reply(encoding_, id));
}

void connection::on_call(std::uint64_t id, protocol::call_command&& what) {
  const auto taker = engine_.claims.find(what.type);
  if (!taker)
    return refuse(id, error_code::unknown_command,
                  "\"" + what.type + "\" is no command, and no backend or plugin has claimed it");
  if (!admitted(id)) return;
  std::shared_ptr<call_errand> back;
  if (id != 0) {
    auto& mine = side();
    if (mine.calls >= engine_.settings.limits.calls_per_client)
      return refuse(id, error_code::too_many_requests,
                    "more calls are open than limits.calls_per_client allows a connection: wait for answers");
    ++mine.calls;
    back = std::make_shared<call_errand>(
        [self = connection_actor(this), id, as = encoding_](const call_errand::result& how) {
          tell(self, call_ended{encode_end(as, id, how)});
        });
  }
  tell(taker,
       client_call{std::move(what.type), std::move(what.data), client_name(), standing_, std::move(back)});
}

}  // namespace tickcast::actors
