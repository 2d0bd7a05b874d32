// What each list of the admin API shows in a terminal.
#include "tools/list_table.hpp"
#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

list_description actors() {
  return {"actors",
          "/api/actors",
          "Lists the actors: what they do, what waits for them, how long they take",
          "actor",
          "actors",
          "path",
          "tickcast actors --sort -mailbox --filter 'root/shards/*' --limit 20",
          {{"ID", "id", as_text, true},
           {"KIND", "kind", as_text},
           {"PATH", "path", as_text},
           {"THREAD", "thread", as_text},
           {"STATE", "state", as_text},
           {"MAILBOX", "mailbox", as_count, true},
           {"OLDEST", "oldest_ms", as_duration, true},
           {"RECEIVED", "received", as_count, true},
           {"IN/S", "received_per_s", as_rate, true},
           {"BUSY", "busy", as_share, true},
           {"P50", "p50_us", as_micros, true},
           {"P99", "p99_us", as_micros, true},
           {"RESTARTS", "restarts", as_count, true},
           {"LAST ERROR", "last_error", as_text}}};
}

list_description topics() {
  return {"topics",
          "/api/topics",
          "Lists the topics: where they stand, who writes them, who listens",
          "topic",
          "topics",
          "topic",
          "tickcast topics --filter 'trade.*' --sort -updates_per_s",
          {{"TOPIC", "topic", as_text},
           {"KIND", "kind", as_text},
           {"SHARD", "shard", as_text, true},
           {"EPOCH", "epoch", as_text},
           {"SEQ", "seq", as_count, true},
           {"UPDATES/S", "updates_per_s", as_rate, true},
           {"SUBSCRIBERS", "subscribers", as_count, true},
           {"FEED", "feed", as_text},
           {"STATE", "state", as_text}}};
}

list_description connections() {
  return {"connections",
          "/api/connections",
          "Lists the clients: what waits for them, how far away they are, what was left out",
          "connection",
          "connections",
          "",
          "tickcast connections --sort -queue_bytes --limit 20",
          {{"ID", "id", as_text, true},
           {"REMOTE", "remote", as_text},
           {"SHARD", "shard", as_text, true},
           {"USER", "user", as_text},
           {"ENCODING", "encoding", as_text},
           {"OPENED", "opened", as_time},
           {"TOPICS", "subscriptions", as_count, true},
           {"QUEUE", "queue_bytes", as_bytes, true},
           {"LAG", "lag_ms", as_duration, true},
           {"RTT MS", "rtt_ms", as_rate, true},
           {"FRAMES", "frames", as_count, true},
           {"SENT", "bytes", as_bytes, true},
           {"RECEIVED", "received", as_count, true},
           {"DROPPED", "dropped", as_count, true},
           {"STATE", "state", as_text}}};
}

list_description feeds() {
  return {"feeds",
          "/api/feeds",
          "Lists the feeds: their state, what they brought, what was lost or refused",
          "feed",
          "feeds",
          "",
          "tickcast feeds --watch",
          {{"NAME", "name", as_text},
           {"KIND", "kind", as_text},
           {"ENDPOINT", "endpoint", as_text},
           {"STATE", "state", as_text},
           {"SINCE", "since", as_time},
           {"PEERS", "peers", as_count, true},
           {"PRIORITY", "priority", as_count, true},
           {"TICKS", "ticks", as_count, true},
           {"TICKS/S", "ticks_per_s", as_rate, true},
           {"EVENTS", "events", as_count, true},
           {"GAPS", "gaps", as_count, true},
           {"LOST", "lost", as_count, true},
           {"REFUSED", "refused", as_count, true},
           {"REPEATED", "repeated", as_count, true},
           {"RESTARTS", "restarts", as_count, true},
           {"SILENT", "silent_ms", as_duration, true},
           {"REASON", "reason", as_text}}};
}

list_description users() {
  return {"users",
          "/api/users",
          "Lists the users, each over all their connections",
          "user",
          "users",
          "",
          "tickcast users --sort -queue_bytes",
          {{"USER", "user", as_text},
           {"NAME", "name", as_text},
           {"CONNECTIONS", "connections", as_count, true},
           {"TOPICS", "subscriptions", as_count, true},
           {"QUEUE", "queue_bytes", as_bytes, true},
           {"SENT", "bytes", as_bytes, true}}};
}

list_description plugins() {
  return {"plugins",
          "/api/plugins",
          "Lists the plugins: their state, what they take and publish, what was dropped",
          "plugin",
          "plugins",
          "",
          "tickcast plugins --watch 1",
          {{"NAME", "name", as_text},
           {"VERSION", "version", as_text},
           {"ISOLATION", "isolation", as_text},
           {"STATE", "state", as_text},
           {"RESTARTS", "restarts", as_count, true},
           {"MAILBOX", "mailbox", as_count, true},
           {"BOUND", "mailbox_bound", as_count, true},
           {"DROPPED", "dropped", as_count, true},
           {"HANDLED", "handled", as_count, true},
           {"PUBLISHED", "published", as_count, true},
           {"REFUSED", "refused", as_count, true},
           {"P50", "p50_us", as_micros, true},
           {"P99", "p99_us", as_micros, true},
           {"LONGEST", "longest_ms", as_duration, true},
           {"LAST ERROR", "last_error", as_text}}};
}

list_description restarts() {
  return {"restarts",
          "/api/restarts",
          "Lists what was restarted, newest first: when, why, how long it was gone",
          "restart",
          "restarts",
          "",
          "tickcast restarts --filter feeds --limit 20",
          {{"AT", "at", as_time},
           {"SUPERVISOR", "supervisor", as_text},
           {"CHILD", "child", as_text},
           {"OUTCOME", "outcome", as_text},
           {"GONE", "down_ms", as_duration, true},
           {"REASON", "reason", as_text}}};
}

list_description audit() {
  return {"audit",
          "/api/audit",
          "Lists what operators did, newest first",
          "action",
          "actions",
          "",
          "tickcast audit --filter kick --limit 20",
          {{"AT", "at", as_time},
           {"WHO", "who", as_text},
           {"ROLE", "role", as_text},
           {"FROM", "remote", as_text},
           {"ACTION", "action", as_text},
           {"TARGET", "target", as_text},
           {"DATA", "data", as_text},
           {"OUTCOME", "outcome", as_text}}};
}

}  // namespace

const std::vector<list_description>& lists() {
  static const std::vector<list_description> all{actors(), topics(),  connections(), feeds(),
                                                 users(),  plugins(), restarts(),    audit()};
  return all;
}

}  // namespace tickcast::tools
