#pragma once
#include "actors/messages.hpp"

/// The interface of every actor that others hold a handle of: one sentence an actor, one line a message.
namespace tickcast::actors {

/// Owns the quote topics of one shard and hands each tick to its own.
using dispatcher_actor = caf::typed_actor<
    // Takes the ticks of one poll turn of a feed.
    caf::reacts_to<tick_batch>,
    // A post begins, changes or ends listening to a topic with a symbol.
    caf::reacts_to<listen>,
    // The console asks for the topics.
    caf::reacts_to<report_topics>,
    // A post begins or ends watching for topics of its shard.
    caf::reacts_to<watch_topics>, caf::reacts_to<unwatch_topics>,
    // A reader of history asks where a topic stands.
    caf::reacts_to<look_at_topic>,
    // A reader thread has seeded an indicator.
    caf::reacts_to<indicator_seeded>>;

/// Holds everything about one symbol; takes ticks by direct call from its dispatcher, no messages but exit.
using quote_topic_actor = caf::typed_actor<caf::reacts_to<caf::unit_t>>;

/// Knows the event topics by name and makes them when they are first written.
using directory_actor = caf::typed_actor<
    // Events from outside, each to its topic.
    caf::reacts_to<event_batch>,
    // An event of the engine's own.
    caf::reacts_to<engine_event>,
    // A message whose sender waits for its place in the topic.
    caf::reacts_to<publish_order>,
    // A post begins, changes or ends listening to a topic without a symbol.
    caf::reacts_to<listen>,
    // The console asks for the topics.
    caf::reacts_to<report_topics>,
    // A reader of history asks where a topic stands.
    caf::reacts_to<look_at_topic>,
    // A post begins or ends watching for topics without a symbol.
    caf::reacts_to<watch_topics>, caf::reacts_to<unwatch_topics>>;

/// Numbers the messages of one topic without a symbol and keeps the last.
using event_topic_actor = caf::typed_actor<
    // A message to publish.
    caf::reacts_to<publish_event>,
    // Time to hand what came last to the store.
    caf::reacts_to<keep_due>,
    // Time to send the message that was held back.
    caf::reacts_to<held_due>,
    // A reader of history asks where the topic stands; passed on by the directory.
    caf::reacts_to<look_at_topic>,
    // Passed on by the directory.
    caf::reacts_to<listen>, caf::reacts_to<report_topics>>;

/// Whoever has a listening post: takes the updates of the topics it listens to.
using listener_actor = caf::typed_actor<
    // Updates, in order within a topic.
    caf::reacts_to<updates>,
    // Where a topic stands.
    caf::reacts_to<attached>,
    // Topics that the post watches for.
    caf::reacts_to<topics_known>>;

/// Fans updates out to the clients of one shard; the only actor that appends to their queues unasked. A
/// listener.
using broadcaster_actor = caf::typed_actor<
    // Updates of topics this shard listens to.
    caf::reacts_to<updates>,
    // Where a topic stands.
    caf::reacts_to<attached>, caf::reacts_to<topics_known>,
    // A client's commands, checked but for what only the broadcaster knows.
    caf::reacts_to<subscribe>, caf::reacts_to<unsubscribe>,
    // An answer to a client that is to keep its place among the updates.
    caf::reacts_to<client_answer>,
    // Who is subscribed where presence is kept.
    caf::reacts_to<tell_presence>,
    // A message of a backend for everybody.
    caf::reacts_to<announcement>,
    // A client that was behind can take data again.
    caf::reacts_to<client_drained>,
    // A connection ends.
    caf::reacts_to<client_left>,
    // The console asks how many subscribers each topic has here.
    caf::reacts_to<report_topics>>;

/// Stands before the store: says how it is, and keeps where event topics stand.
using storage_actor = caf::typed_actor<caf::reacts_to<keep_event>, caf::reacts_to<keep_message>,
                                       caf::reacts_to<storage_synced>, caf::reacts_to<storage_look>>;

/// Answers who somebody is.
using gatekeeper_actor = caf::typed_actor<
    // Somebody shows what they have.
    caf::reacts_to<sign_in>>;

/// One client's WebSocket: reads its commands and answers them.
using connection_actor = caf::typed_actor<
    // A message from the client.
    caf::reacts_to<client_message>,
    // The client's queue has room again.
    caf::reacts_to<link_drained>,
    // A command did not reach the broadcaster.
    caf::reacts_to<command_lost>,
    // A history command has been read.
    caf::reacts_to<history_read>,
    // The gatekeeper has judged what the client showed.
    caf::reacts_to<judged>,
    // What the agent of its user, or a backend through it, wants.
    caf::reacts_to<user_welcome>, caf::reacts_to<to_client>, caf::reacts_to<device_topics>,
    caf::reacts_to<dismissed>, caf::reacts_to<look_again>,
    // A backend or plugin has answered a call.
    caf::reacts_to<call_ended>>;

/// Knows who is there, and keeps an agent for each.
using user_manager_actor = caf::typed_actor<
    // A connection of a user.
    caf::reacts_to<user_came>,
    // What backends want.
    caf::reacts_to<service_order>, caf::reacts_to<order_batch>,
    // Who is there?
    caf::reacts_to<ask_users>,
    // Its agents tell how their users stand.
    caf::reacts_to<user_report>,
    // Time to let old messages of users go who are away.
    caf::reacts_to<user_sweep>>;

/// Knows who is subscribed to topics with presence.
using presence_actor = caf::typed_actor<
    // A subscription begins or ends.
    caf::reacts_to<presence_change>,
    // Who is there?
    caf::reacts_to<ask_presence>,
    // Its own.
    caf::reacts_to<presence_written>, caf::reacts_to<presence_due>, caf::reacts_to<presence_begin>>;

/// One signed-in user, over all connections: has the messages that are kept, and sends them until they are
/// acknowledged.
using user_agent_actor = caf::typed_actor<
    // Passed on by the manager.
    caf::reacts_to<user_came>, caf::reacts_to<user_push>, caf::reacts_to<user_order>,
    // A device of the user has got messages.
    caf::reacts_to<messages_seen>,
    // Time to send again what nobody has acknowledged.
    caf::reacts_to<user_look>>;

/// Runs one source of market data on a thread of its own and says how it is.
using feed_actor = caf::typed_actor<
    // The thread's last word.
    caf::reacts_to<feed_ended>,
    // Time to look whether the feed is stale.
    caf::reacts_to<feed_look>,
    // An operator wants it to rest, or to go on.
    caf::reacts_to<suspend_feed>, caf::reacts_to<resume_feed>>;

}  // namespace tickcast::actors
