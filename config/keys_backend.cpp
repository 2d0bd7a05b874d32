#include "config/keys.hpp"
#include "config/words.hpp"

namespace tickcast::config {
namespace {

constexpr range days{0, 36'500};

void describe_service(service_section& s, key_visitor& v) {
  v.key({.name = "pull",
         .text = "PULL socket to bind, through which backends push; empty: none",
         .shape = &an_endpoint},
        &s.pull);
  v.key({.name = "router",
         .text = "ROUTER socket to bind, through which backends ask; empty: none",
         .shape = &an_endpoint},
        &s.router);
  v.key({.name = "call_ms",
         .unit = "ms",
         .text = "Time a backend has to answer a client's call",
         .hot = true,
         .within = range{10, 600'000}},
        &s.call_ms);
  v.key({.name = "lease_ms",
         .unit = "ms",
         .text = "A backend that was not heard for so long loses the types it has claimed",
         .within = range{100, 600'000}},
        &s.lease_ms);
  v.key({.name = "calls",
         .unit = "calls",
         .text = "Calls that may be open at one worker of a backend",
         .hot = true,
         .within = range{1, 1'000'000}},
        &s.calls);
  v.key({.name = "idempotency_ms",
         .unit = "ms",
         .text = "How long an idempotency key is remembered",
         .hot = true,
         .within = range{1000, 86'400'000}},
        &s.idempotency_ms);
  v.key({.name = "idempotency_keys",
         .unit = "keys",
         .text = "How many are remembered; then the oldest are forgotten",
         .hot = true,
         .within = range{1, 10'000'000}},
        &s.idempotency_keys);
  describe_curve(s.curve, v);
}

void describe_users(users_section& s, key_visitor& v) {
  v.key({.name = "messages",
         .unit = "messages",
         .text = "Messages kept for a user; above it the oldest are dropped and counted",
         .hot = true,
         .within = range{1, 100'000}},
        &s.messages);
  v.key({.name = "message_bytes",
         .unit = "bytes",
         .text = "Largest message to a user",
         .hot = true,
         .within = range{64, 16'777'216}},
        &s.message_bytes);
  v.key({.name = "resend_ms",
         .unit = "ms",
         .text = "First wait for an acknowledgement before a message is sent again; doubled up to a minute",
         .hot = true,
         .within = range{100, 3'600'000}},
        &s.resend_ms);
  v.key({.name = "linger_ms",
         .unit = "ms",
         .text = "A user without connections and without messages is forgotten after so long",
         .hot = true,
         .within = range{0, 86'400'000}},
        &s.linger_ms);
  v.key({.name = "leave_ms",
         .unit = "ms",
         .text = "A user who is back on a topic within it has not left it",
         .hot = true,
         .within = range{0, 600'000}},
        &s.leave_ms);
  v.key({.name = "known",
         .unit = "users",
         .text = "Users that are online or have messages waiting; messages for more are refused",
         .hot = true,
         .within = range{1, 100'000'000}},
        &s.known);
  v.key({.name = "usage_file",
         .text = "File that usage of each user is appended to, as JSON lines; empty: none",
         .state = support::later},
        &s.usage_file);
  v.key({.name = "usage_ms",
         .unit = "ms",
         .text = "How often usage is written",
         .hot = true,
         .within = range{100, 86'400'000},
         .state = support::later},
        &s.usage_ms);
}

void describe_redis(redis_section& s, key_visitor& v) {
  v.key({.name = "url", .text = "Server to use, 6.2 or later; empty: none", .shape = &a_redis_url}, &s.url);
  v.key({.name = "queues", .text = "Lists that backends push to"}, &s.queues);
  v.key({.name = "channels", .text = "Channels and patterns to subscribe to"}, &s.channels);
  v.key({.name = "processing",
         .text = "What follows a list's name in the name of the list where its messages are worked on"},
        &s.processing);
  v.key({.name = "claims", .text = "Types of client messages, each with the list they are pushed to"},
        &s.claims);
  v.key({.name = "waiting",
         .unit = "messages",
         .text = "Messages for backends that wait while Redis cannot be reached",
         .hot = true,
         .within = range{0, 1'000'000}},
        &s.waiting);
}

void describe_retention(retention_section& s, key_visitor& v) {
  const auto kept = [&v](std::string_view kind, std::string_view what, std::uint32_t& value,
                         support state = support::built) {
    v.key({.name = kind, .unit = "days", .text = what, .within = days, .state = state}, &value);
  };
  const auto at_most = [&v](std::string_view kind, std::string_view what, std::uint64_t& value) {
    v.key({.name = kind, .unit = "bytes", .text = what, .within = range{0, 1'099'511'627'776'000}}, &value);
  };
  kept("trade", "How long trades are kept, by their own time; 0: for ever", s.trade);
  kept("quote", "How long quotes are kept, by their own time; 0: for ever", s.quote);
  kept("bar", "How long bars are kept, by their own time; 0: for ever", s.bar);
  at_most("trade_bytes", "The most trades on disk, before they are compressed; 0: no bound", s.trade_bytes);
  at_most("quote_bytes", "The most quotes on disk, before they are compressed; 0: no bound", s.quote_bytes);
  at_most("bar_bytes", "The most bars on disk, before they are compressed; 0: no bound", s.bar_bytes);
  kept("book", "How long order books are kept; 0: for ever", s.book, support::later);
  kept("event", "How long events are kept; 0: for ever", s.event, support::later);
  kept("user", "How long messages to users are kept; 0: for ever", s.user);
}

void describe_store(store_section& s, key_visitor& v) {
  v.key({.name = "directory", .text = "Data directory, locked by one server; empty: memory only"},
        &s.directory);
  v.key({.name = "flush_ms",
         .unit = "ms",
         .text = "Longest that an update waits before it is written: what a crash may lose",
         .within = range{1, 60'000}},
        &s.flush_ms);
  v.key({.name = "memory",
         .unit = "bytes",
         .text = "The most history in memory",
         .within = range{1'048'576, 1'099'511'627'776}},
        &s.memory);
  v.key({.name = "memory_hours",
         .unit = "h",
         .text = "How long history stays in memory after it came",
         .within = range{1, 24 * 366}},
        &s.memory_hours);
  v.key({.name = "queue_bytes",
         .unit = "bytes",
         .text = "What a shard may leave for the store before rows are dropped and counted",
         .within = range{65'536, 1'073'741'824}},
        &s.queue_bytes);
  v.table({"retention", "How long history is kept, by kind of topic"},
          [&](key_visitor& inner) { describe_retention(s.retention, inner); });
}

void describe_plugin(plugin_section& s, key_visitor& v) {
  v.key({.name = "name", .text = "Name in logs and console", .shape = &a_name, .required = true}, &s.name);
  v.key({.name = "library",
         .text = "Shared object to load; a path without a folder stands for the working one",
         .required = true},
        &s.library);
  v.key({.name = "parameters", .text = "Handed to the plugin as text; it says what is wrong with them"},
        &s.parameters);
  v.key({.name = "budget_restarts",
         .unit = "restarts",
         .text = "How often it is restarted within budget_period_ms before it stays down",
         .within = range{0, 1000}},
        &s.budget_restarts);
  v.key({.name = "budget_period_ms",
         .unit = "ms",
         .text = "The period of budget_restarts and budget_stuck_ms",
         .within = range{1, 86'400'000}},
        &s.budget_period_ms);
  v.key({.name = "budget_mailbox",
         .unit = "messages",
         .text = "Updates that may wait for it; above it the oldest are dropped and counted",
         .within = range{1, 10'000'000}},
        &s.budget_mailbox);
  v.key({.name = "budget_handler_ms",
         .unit = "ms",
         .text = "A handler that takes longer is stuck: an alarm",
         .within = range{1, 3'600'000}},
        &s.budget_handler_ms);
  v.key({.name = "budget_stuck_ms",
         .unit = "ms",
         .text =
             "What handlers may take beyond that within budget_period_ms, before the plugin is given up and "
             "started anew",
         .within = range{0, 3'600'000}},
        &s.budget_stuck_ms);
  v.key({.name = "budget_publishes_per_s",
         .unit = "messages/s",
         .text = "Messages it may publish; more are refused, and after three seconds of that it has failed",
         .within = range{1, 10'000'000}},
        &s.budget_publishes_per_s);
  v.key({.name = "isolation", .text = "Whether it runs on a thread of the server or in a process of its own"},
        choice_ref(s.isolation, plugin_isolations));
}

}  // namespace

void describe_backend(config& values, key_visitor& v) {
  v.table({"service", "The ZeroMQ sockets of the service bus"},
          [&](key_visitor& inner) { describe_service(values.service, inner); });
  v.table({"egress", "The ZeroMQ XPUB socket that passes topics on"}, [&](key_visitor& inner) {
    inner.key({.name = "endpoint", .text = "XPUB socket to bind; empty: none", .shape = &an_endpoint},
              &values.egress.endpoint);
    inner.key({.name = "hwm",
               .unit = "messages",
               .text = "Messages that may wait for one subscriber; above it they are dropped for "
                       "that subscriber and counted",
               .within = range{1, 100'000'000}},
              &values.egress.hwm);
    describe_curve(values.egress.curve, inner);
  });
  v.table({"redis", "Backends that speak Redis"},
          [&](key_visitor& inner) { describe_redis(values.redis, inner); });
  v.table({"users", "What is kept for users"},
          [&](key_visitor& inner) { describe_users(values.users, inner); });
  v.table({"store", "History"}, [&](key_visitor& inner) { describe_store(values.store, inner); });
  typed_rows plugins(values.plugins, describe_plugin);
  v.list({"plugin", "Actors of your own (docs/plugins.md)"}, plugins);
}

}  // namespace tickcast::config
