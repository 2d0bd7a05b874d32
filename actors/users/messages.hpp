#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/rules.hpp"
#include "actors/runtime/caf.hpp"
#include "actors/topics/cargo.hpp"
#include "protocol/client_message.hpp"
#include "protocol/service_command.hpp"

/// The messages about users, and what travels in them.
namespace tickcast::actors {

class service_errand;
class publish_errand;
class call_errand;
struct push_parcel;

/// One connection of a signed-in user.
struct device {
  caf::strong_actor_ptr connection;
  std::string client;  ///< the connection's name, as connect told it
  std::string remote;  ///< "address:port"
  protocol::encoding encoding = protocol::encoding::json;
  access::standing_ptr who;
  std::int64_t since_us = 0;                       ///< wall clock
  std::optional<protocol::message_position> seen;  ///< up to where it has the user's messages
};
using device_ptr = std::shared_ptr<const device>;

// ---- connections to the user manager, who passes it on to the user's agent

/// A user is there on one more connection; who says so again after a welcome that did not come, changes
/// nothing.
struct user_came {
  device_ptr what;
};

// ---- user agents to connections

/// The agent takes this connection for one of its user's; told again when another agent takes over.
struct user_welcome {
  caf::strong_actor_ptr agent;
};
/// A frame that is to go out: an answer, which is never left out, or a message, which is when the client is
/// over its budget.
struct to_client {
  protocol::frame_ptr frame;
  bool is_answer = false;
};
/// A call is answered: the frame that says how; null: nobody waits for one.
struct call_ended {
  protocol::frame_ptr frame;
};
/// A backend wants the client to get these topics, or no longer.
struct device_topics {
  std::shared_ptr<const std::vector<std::string>> topics;
  bool begins;
};
/// The connection is to be closed.
struct dismissed {
  std::uint16_t code;
  std::string reason;
};
/// What the client has signed in with is to be looked at now.
struct look_again {};

// ---- connections to user agents

/// The client has got these of the kept messages.
struct messages_seen {
  std::string epoch;
  std::vector<std::uint64_t> seqs;
};

// ---- backends to the user manager

/// One command, whose sender waits for what comes of it.
struct service_order {
  std::shared_ptr<service_errand> what;
};
/// The commands of one poll turn of a feed that wants no answers.
struct order_batch {
  std::shared_ptr<cargo<protocol::service_command>> orders;
  std::shared_ptr<const void> credit;
};

/// What the manager knows of a user.
struct user_sight {
  std::string user;
  std::string name;
  std::vector<std::string> groups;
  std::uint64_t connections = 0;
  std::int64_t since_us = 0;   ///< of the oldest connection; 0: none
  std::uint64_t messages = 0;  ///< that wait for an acknowledgement
};

/// Somebody asks about users. `answer` is called once, on the manager's thread; must not block. Of `users`
/// those, else those behind `after`, by id, of `group` unless it is empty, at most `limit` of them, who are
/// online.
struct ask_users {
  struct answer_text {
    std::vector<user_sight> users;
    std::uint64_t online = 0;  ///< all together
    bool more = false;
  };
  std::vector<std::string> users;
  std::string group;
  std::string after;
  std::size_t limit = 0;
  std::function<void(answer_text&&)> answer;
};

// ---- the user manager and its agents

/// A message for this agent's user.
struct user_push {
  std::shared_ptr<push_parcel> what;
};
/// A command about this agent's user that is no push.
struct user_order {
  std::shared_ptr<service_errand> what;
};
/// How the user stands now. `taken`: messages of the manager's that the agent has taken; with `idle` it
/// has nothing to do any more.
struct user_report {
  std::shared_ptr<const user_sight> now;
  std::uint64_t taken = 0;
  bool idle = false;
};
/// An agent's own clock.
struct user_look {};
/// The manager's own clock.
struct user_sweep {};

// ---- connections and backends to the directory

/// A message to an event topic, whose sender waits for its place. `origin`: the connection that is not to get
/// it back; 0: all get it.
struct publish_order {
  std::string topic;
  std::string data;  ///< compact JSON
  std::uint64_t origin = 0;
  std::shared_ptr<publish_errand> back;
};

// ---- presence

/// From broadcasters: a connection is subscribed to a topic whose class has presence, or no longer.
struct presence_change {
  std::string topic;
  caf::strong_actor_ptr connection;
  std::string user;  ///< empty: anonymous
  std::string name;
  bool came;
};
/// To broadcasters: all such subscriptions are to be told (again).
struct tell_presence {};
/// Who is on a topic.
struct presence_list {
  struct person {
    std::string user;
    std::string name;
    std::uint64_t connections = 0;
  };
  protocol::message_position at;  ///< of the events that tell who comes and goes
  std::uint64_t connections = 0;
  std::uint64_t anonymous = 0;
  std::vector<person> users;
};
/// `answer` is called once, on the desk's thread; must not block.
struct ask_presence {
  std::string topic;
  std::function<void(presence_list&&)> answer;
};
/// The desk's own: an event was written; time to look who has left; the beginning of its life.
struct presence_written {
  std::string topic;
  protocol::message_position at;
};
struct presence_due {};
struct presence_begin {};

// ---- connections to who has claimed a type

struct client_call {
  std::string type;
  std::string data;  ///< compact JSON
  std::string client;
  access::standing_ptr who;
  std::shared_ptr<call_errand> back;
};

}  // namespace tickcast::actors

TICKCAST_MESSAGE(tickcast::actors::user_came)
TICKCAST_MESSAGE(tickcast::actors::user_welcome)
TICKCAST_MESSAGE(tickcast::actors::to_client)
TICKCAST_MESSAGE(tickcast::actors::call_ended)
TICKCAST_MESSAGE(tickcast::actors::device_topics)
TICKCAST_MESSAGE(tickcast::actors::dismissed)
TICKCAST_MESSAGE(tickcast::actors::look_again)
TICKCAST_MESSAGE(tickcast::actors::messages_seen)
TICKCAST_MESSAGE(tickcast::actors::service_order)
TICKCAST_MESSAGE(tickcast::actors::order_batch)
TICKCAST_MESSAGE(tickcast::actors::ask_users)
TICKCAST_MESSAGE(tickcast::actors::user_push)
TICKCAST_MESSAGE(tickcast::actors::user_order)
TICKCAST_MESSAGE(tickcast::actors::user_report)
TICKCAST_MESSAGE(tickcast::actors::user_look)
TICKCAST_MESSAGE(tickcast::actors::user_sweep)
TICKCAST_MESSAGE(tickcast::actors::publish_order)
TICKCAST_MESSAGE(tickcast::actors::presence_change)
TICKCAST_MESSAGE(tickcast::actors::tell_presence)
TICKCAST_MESSAGE(tickcast::actors::ask_presence)
TICKCAST_MESSAGE(tickcast::actors::presence_written)
TICKCAST_MESSAGE(tickcast::actors::presence_due)
TICKCAST_MESSAGE(tickcast::actors::presence_begin)
TICKCAST_MESSAGE(tickcast::actors::client_call)
