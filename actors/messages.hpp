#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/identity.hpp"
#include "access/rules.hpp"
#include "actors/runtime/caf.hpp"
#include "actors/runtime/supervision.hpp"
#include "actors/topics/cargo.hpp"
#include "actors/topics/tick.hpp"
#include "actors/topics/topic_report.hpp"
#include "actors/topics/topic_view.hpp"
#include "actors/topics/view_passage.hpp"
#include "actors/users/messages.hpp"
#include "protocol/client_message.hpp"
#include "protocol/codes.hpp"
#include "protocol/error.hpp"
#include "protocol/topic_pattern.hpp"

/// Every message between actors, grouped by who sends it to whom.
namespace tickcast::actors {

struct indicator_seed;

// ---- feeds to topics

/// What one poll turn of a feed brought for one shard. Whoever still works on some of it holds `credit`, so
/// that a feed can have no more under way than its bound, down to the clients' queues.
struct tick_batch {
  std::shared_ptr<tick_load> ticks;
  std::shared_ptr<const void> credit;
  std::int64_t taken_ns;  ///< steady clock
  std::uint64_t feed_seq =
      0;  ///< this batch and those before it are all the feed's messages up to here; 0: unknown
};

/// The events of one poll turn, for the directory.
struct event_batch {
  std::shared_ptr<cargo<event_item>> events;
  std::shared_ptr<const void> credit;
  std::int64_t taken_ns;  ///< steady clock
};

/// An event that the engine itself writes (`feed.*`): may go to reserved topics.
struct engine_event {
  std::string topic;
  std::string data;  ///< compact JSON
};

// ---- listening posts to topics

/// `post` wants this topic's updates in these classes; none: no longer. To the owning dispatcher for
/// topics with a symbol, to the directory for all others. Answered by `attached`, unless `classes` is 0; who
/// asks again gets that answer again.
struct listen {
  std::string topic;
  post_index post;
  std::uint64_t ticket;  ///< the post's own number for the topic, returned with everything it gets
  class_mask classes;
};

/// `post` wants to know which topics match: those that exist, and each new one. To every dispatcher and the
/// directory; a post may watch by several patterns, and one it has sent before changes nothing but tells it
/// again.
struct watch_topics {
  post_index post;
  protocol::topic_pattern pattern;
  /// Comes back in the last of the messages that tell what exists, also when nothing does; 0: nobody waits
  /// for that.
  std::uint64_t ticket = 0;
};
/// Ends what watch_topics with the same pattern began; names that are on their way still come.
struct unwatch_topics {
  post_index post;
  protocol::topic_pattern pattern;
};

// ---- readers of history to dispatchers

/// Asks where a topic with a symbol stands and what its snapshot would show, once, without listening.
struct look_at_topic {
  std::string topic;
  std::shared_ptr<view_passage> back;
};

// ---- reader threads to dispatchers

/// An indicator was seeded, or could not be.
struct indicator_seeded {
  std::uint32_t symbol_id;
  std::string interval;
  std::string call;  ///< canonical
  std::uint64_t number;
  std::shared_ptr<protocol::expected<indicator_seed>> seed;  ///< the receiver takes it
};

// ---- topics to listening posts

/// Topics that can be listened to and match one of the post's patterns. A name may come more than once. When
/// a symbol comes to be, all topics of it come, some of which may not be written yet.
struct topics_known {
  std::shared_ptr<const std::vector<std::string>> names;
  std::uint64_t ticket = 0;  ///< set: with these the writer has told all that existed
};

/// Why there cannot be a topic of that name; a sentence that helps.
struct listen_refusal {
  protocol::error_code code;
  std::string message;
};

/// Where the topic stands now: the answer to `listen`, and sent again when the count does not go on by itself
/// (new epoch, quarantine, a topic that came to be) or the symbol has gone silent or speaks again. Updates
/// after it follow on `seq`.
struct attached {
  std::uint64_t ticket;
  std::string epoch;  ///< empty: nobody has written the topic yet
  std::uint64_t seq;
  std::uint16_t feed;  ///< the one that owns the symbol, or no_feed
  bool quarantined;
  std::shared_ptr<const topic_view> view;
  bool symbol_stale = false;
  std::shared_ptr<const listen_refusal> refused =
      nullptr;  ///< set: it will not be written, as the wish stands
};

struct delivery {
  std::uint64_t ticket;
  std::shared_ptr<const update> what;
};

/// The updates of one turn of a topic's writer, for one post, in order.
struct updates {
  std::shared_ptr<const std::vector<delivery>> items;
  std::shared_ptr<const void> credit;  ///< held until the post has passed them on
};

// ---- the user manager to broadcasters

/// A frame for every client of the shard, by encoding.
struct announcement {
  std::shared_ptr<const std::array<protocol::frame_ptr, protocol::encoding_count>> frames;
};

class connection;

/// An answer that must come before the updates behind it: it goes the same way.
struct client_answer {
  caf::strong_actor_ptr keep;
  connection* who;
  protocol::frame_ptr frame;
};

// ---- connections to their broadcaster

class command_passage;

struct subscribe {
  caf::strong_actor_ptr keep;  ///< keeps `who` in memory
  connection* who;
  std::uint64_t id;
  std::vector<std::string> topics;
  std::shared_ptr<command_passage> passage;
  /// By topic, what the rules grant; empty: all of them in full.
  std::vector<access::topic_form> forms = {};
  /// By topic, what the client had last of it; empty: nobody goes on.
  std::vector<std::optional<protocol::last_seen>> seen = {};
  std::vector<protocol::topic_pattern> patterns = {};
};
struct unsubscribe {
  caf::strong_actor_ptr keep;
  connection* who;
  std::uint64_t id;
  std::vector<std::string> topics;
  std::shared_ptr<command_passage> passage;
  std::vector<protocol::topic_pattern> patterns = {};
};
/// No broadcaster took the command with this id: it was just being restarted.
struct command_lost {
  std::uint64_t id;
};
/// What a history command of this connection has found: its reply or error.
struct history_read {
  protocol::frame_ptr answer;
};
/// The gatekeeper's verdict on what this connection showed. `ticket`: the connection's own count of what it
/// asked, so that a verdict that was overtaken is told.
struct judged {
  std::uint64_t ticket;
  std::shared_ptr<const access::verdict> verdict;
};
/// The client can take data again after it was over its budget.
struct client_drained {
  caf::strong_actor_ptr keep;
  connection* who;
};
/// The connection is ending.
struct client_left {
  caf::strong_actor_ptr keep;
  connection* who;
};

// ---- connections and HTTP to the gatekeeper

class sign_in_passage;

/// Somebody shows what they have. `anew`: no earlier answer is good enough.
struct sign_in {
  std::shared_ptr<const access::credentials> shown;
  bool anew;
  std::shared_ptr<sign_in_passage> back;
};

// ---- sessions to connections

/// One whole message from the client.
struct client_message {
  std::shared_ptr<const std::string> text;
};
struct link_drained {};

// ---- directory to event topics

struct publish_event {
  std::shared_ptr<event_parcel> what;
  std::shared_ptr<const void> credit;
  std::int64_t taken_ns;
  std::uint64_t origin = 0;  ///< the connection that is not to get it; 0: all do
  std::shared_ptr<publish_errand> back = nullptr;
};

/// An event topic's own: what came last is to be kept.
struct keep_due {};
/// An event topic's own: the message that was held back may go.
struct held_due {};

// ---- to the store

/// Where an event topic stands now.
struct keep_event {
  std::string topic;
  std::string record;                   ///< event_record's bytes
  std::function<void(bool)> then = {};  ///< called when it is in the database, or with false could not be
};
/// A message to a user that is kept; no bytes: no longer.
struct keep_message {
  std::string key;
  std::string record;
  std::function<void(bool)> then = {};  ///< as keep_event's
};
/// The storage actor's own: what was committed up to here is in the database, or could not be.
struct storage_synced {
  bool well;
};
/// The storage actor's own clock.
struct storage_look {};

// ---- console to topics and broadcasters

/// Asks everybody who knows something about topics to add it. The report is complete when nobody holds it any
/// more.
struct report_topics {
  std::shared_ptr<topic_report> to;
};

// ---- feeds

/// The last act of a feed's thread. `error` is empty when it was told to stop.
struct feed_ended {
  std::string error;
};
/// A feed actor's own clock.
struct feed_look {};
/// An operator wants the feed to rest: its source stops reading and its state is `down`, over restarts too.
struct suspend_feed {
  std::string by;  ///< who, for people
};
/// It may go on.
struct resume_feed {
  std::string by;
};

// ---- supervision

/// Starts one more child, the last of all, by this specification, and keeps it (OTP: start_child).
struct add_child {
  std::shared_ptr<const child_spec> spec;
  supervision_answer answer;
};
/// Ends a child, which is not restarted; a temporary one is forgotten.
struct terminate_child {
  std::string id;
  supervision_answer answer;
};
/// Starts a child that does not run.
struct restart_child {
  std::string id;
  supervision_answer answer;
};
/// Forgets a child that does not run.
struct delete_child {
  std::string id;
  supervision_answer answer;
};

/// A supervisor's own: the wait before a restart is over.
struct restart_due {
  std::string id;
  std::uint64_t attempt;
};
/// A supervisor's own: a child had its time to end.
struct kill_due {
  std::string id;
  std::uint64_t attempt;
};
/// A supervisor's own: a child had its time to end after it was killed.
struct abandon_due {
  std::string id;
  std::uint64_t attempt;
};
/// A closing step's own: what it closes is closed.
struct closed {};

}  // namespace tickcast::actors

TICKCAST_MESSAGE(tickcast::actors::tick_batch)
TICKCAST_MESSAGE(tickcast::actors::event_batch)
TICKCAST_MESSAGE(tickcast::actors::engine_event)
TICKCAST_MESSAGE(tickcast::actors::listen)
TICKCAST_MESSAGE(tickcast::actors::watch_topics)
TICKCAST_MESSAGE(tickcast::actors::unwatch_topics)
TICKCAST_MESSAGE(tickcast::actors::topics_known)
TICKCAST_MESSAGE(tickcast::actors::attached)
TICKCAST_MESSAGE(tickcast::actors::look_at_topic)
TICKCAST_MESSAGE(tickcast::actors::indicator_seeded)
TICKCAST_MESSAGE(tickcast::actors::history_read)
TICKCAST_MESSAGE(tickcast::actors::judged)
TICKCAST_MESSAGE(tickcast::actors::sign_in)
TICKCAST_MESSAGE(tickcast::actors::updates)
TICKCAST_MESSAGE(tickcast::actors::announcement)
TICKCAST_MESSAGE(tickcast::actors::client_answer)
TICKCAST_MESSAGE(tickcast::actors::subscribe)
TICKCAST_MESSAGE(tickcast::actors::unsubscribe)
TICKCAST_MESSAGE(tickcast::actors::command_lost)
TICKCAST_MESSAGE(tickcast::actors::client_drained)
TICKCAST_MESSAGE(tickcast::actors::client_left)
TICKCAST_MESSAGE(tickcast::actors::client_message)
TICKCAST_MESSAGE(tickcast::actors::link_drained)
TICKCAST_MESSAGE(tickcast::actors::publish_event)
TICKCAST_MESSAGE(tickcast::actors::keep_due)
TICKCAST_MESSAGE(tickcast::actors::held_due)
TICKCAST_MESSAGE(tickcast::actors::keep_event)
TICKCAST_MESSAGE(tickcast::actors::keep_message)
TICKCAST_MESSAGE(tickcast::actors::storage_synced)
TICKCAST_MESSAGE(tickcast::actors::storage_look)
TICKCAST_MESSAGE(tickcast::actors::report_topics)
TICKCAST_MESSAGE(tickcast::actors::feed_ended)
TICKCAST_MESSAGE(tickcast::actors::feed_look)
TICKCAST_MESSAGE(tickcast::actors::suspend_feed)
TICKCAST_MESSAGE(tickcast::actors::resume_feed)
TICKCAST_MESSAGE(tickcast::actors::add_child)
TICKCAST_MESSAGE(tickcast::actors::terminate_child)
TICKCAST_MESSAGE(tickcast::actors::restart_child)
TICKCAST_MESSAGE(tickcast::actors::delete_child)
TICKCAST_MESSAGE(tickcast::actors::restart_due)
TICKCAST_MESSAGE(tickcast::actors::kill_due)
TICKCAST_MESSAGE(tickcast::actors::abandon_due)
TICKCAST_MESSAGE(tickcast::actors::closed)
