#include "config/keys.hpp"
#include "config/words.hpp"

namespace tickcast::config {
namespace {

constexpr range any_port{0, 65535};
constexpr range up_to_an_hour{1, 3'600'000};

void describe_listen(listen_section& s, key_visitor& v) {
  v.key({.name = "address", .text = "Address to bind", .shape = &an_address}, &s.address);
  v.key({.name = "port", .text = "TCP port; 0: any free one", .within = any_port}, &s.port);
  v.key({.name = "backlog",
         .unit = "connections",
         .text = "What the kernel holds, a shard, until it is accepted; net.core.somaxconn bounds it",
         .within = range{1, 1'000'000}},
        &s.backlog);
  v.key({.name = "tcp_nodelay", .text = "Send small writes at once (TCP_NODELAY)"}, &s.tcp_nodelay);
  v.key({.name = "congestion",
         .text = "TCP congestion control of client sockets, e.g. bbr; empty: the system's",
         .shape = &a_word},
        &s.congestion);
  v.key({.name = "max_connections",
         .unit = "connections",
         .text = "Open client connections over all shards; more are answered with 503",
         .hot = true,
         .within = range{1, 10'000'000}},
        &s.max_connections);
  v.key({.name = "max_frame_bytes",
         .unit = "bytes",
         .text = "Largest message from a client; a larger one closes its connection with 1009",
         .within = range{1024, 16'777'216}},
        &s.max_frame_bytes);
  v.key({.name = "handshake_ms",
         .unit = "ms",
         .text = "Time for TLS, request head and WebSocket handshake together",
         .within = up_to_an_hour},
        &s.handshake_ms);
  v.key({.name = "ping_ms",
         .unit = "ms",
         .text = "Silence after which a client is pinged",
         .hot = true,
         .within = range{100, 3'600'000}},
        &s.ping_ms);
  v.key({.name = "pong_ms",
         .unit = "ms",
         .text = "Time for its pong, at most ping_ms; then it is closed with 3012",
         .hot = true,
         .within = range{50, 3'600'000}},
        &s.pong_ms);
  v.key(
      {.name = "allowed_origins",
       .text =
           "Origins whose pages may connect; empty: the same origin, and programs that send none; \"*\": all",
       .hot = true,
       .shape = &an_origin},
      &s.allowed_origins);
  v.key({.name = "trusted_proxies",
         .text = "Addresses or networks whose X-Forwarded-For is believed",
         .shape = &a_network},
        &s.trusted_proxies);
  v.key({.name = "proxy_protocol",
         .text = "Whether every connection begins with a PROXY line, version 1 or 2, of a trusted proxy"},
        &s.proxy_protocol);
  v.key({.name = "web_directory",
         .text = "Where the page's files lie; empty: beside the program, or in the source tree"},
        &s.web_directory);
  v.table({"tls", "TLS on the clients' port"}, [&](key_visitor& inner) { describe_tls(s.tls, inner); });
  v.table({"cors", "Other sites' pages that read HTTP answers"}, [&](key_visitor& inner) {
    inner.key({.name = "origins",
               .text = "Origins that may read /api and /udf from a browser; \"*\": all",
               .hot = true,
               .shape = &an_origin},
              &s.cors.origins);
  });
}

void describe_admin(admin_section& s, key_visitor& v) {
  v.key({.name = "address", .text = "Address to bind; beyond loopback only with TLS", .shape = &an_address},
        &s.address);
  v.key({.name = "port", .text = "TCP port; 0: any free one", .within = any_port}, &s.port);
  v.key({.name = "token_file",
         .text =
             "File with the tokens that callers bring, a line each: name role token; made with a first one "
             "when it is missing; empty: admin-tokens in store.directory, or in the user's state directory"},
        &s.token_file);
  v.key({.name = "allow_destructive",
         .text = "Whether operators may stop parts that the engine serves nobody without"},
        &s.allow_destructive);
  v.table({"tls", "TLS on the admin port"}, [&](key_visitor& inner) { describe_tls(s.tls, inner); });
}

void describe_io(io_section& s, key_visitor& v) {
  v.key({.name = "shards",
         .unit = "threads",
         .text = "Shards; 0: as many as the CPUs the process may use, cgroup quota counted",
         .within = range{0, 256}},
        &s.shards);
  v.key({.name = "notsent_lowat_bytes",
         .unit = "bytes",
         .text = "What the kernel may hold unsent for one client (TCP_NOTSENT_LOWAT); 0: the system's",
         .within = range{0, 16'777'216}},
        &s.notsent_lowat_bytes);
  v.key({.name = "hold_ms",
         .unit = "ms",
         .text = "Longest that a loaded shard holds a client's updates back to write them together; 0: never",
         .hot = true,
         .within = range{0, 5}},
        &s.hold_ms);
  v.key({.name = "chunk",
         .unit = "subscribers",
         .text = "How many a broadcaster serves of one update before the sockets get a turn",
         .hot = true,
         .within = range{16, 1'000'000}},
        &s.chunk);
}

void describe_limits(limits_section& s, key_visitor& v) {
  v.key({.name = "topics",
         .unit = "topics",
         .text = "Symbols the engine keeps, and as many event topics; ticks of new ones beyond are refused",
         .within = range{1, 10'000'000}},
        &s.topics);
  v.key({.name = "topics_per_client",
         .unit = "topics",
         .text = "Subscriptions of one connection",
         .hot = true,
         .within = range{1, 1'000'000}},
        &s.topics_per_client);
  v.key({.name = "commands_per_s",
         .unit = "per second",
         .text = "Commands of one connection",
         .hot = true,
         .within = range{1, 1'000'000}},
        &s.commands_per_s);
  v.key({.name = "publishes_per_s",
         .unit = "per second",
         .text = "Publishes of one connection",
         .hot = true,
         .within = range{0, 1'000'000}},
        &s.publishes_per_s);
  v.key({.name = "bytes_per_s",
         .unit = "bytes/s",
         .text = "Bytes of commands of one connection; 0: any number",
         .hot = true,
         .within = range{0, 1'073'741'824}},
        &s.bytes_per_s);
  v.key({.name = "calls_per_client",
         .unit = "calls",
         .text = "Calls of one connection that backends may have open",
         .hot = true,
         .within = range{1, 100'000}},
        &s.calls_per_client);
  v.key({.name = "pattern_topics",
         .unit = "topics",
         .text = "Topics that the patterns of one connection may match",
         .hot = true,
         .within = range{0, 1'000'000}},
        &s.pattern_topics);
  v.key({.name = "queue_bytes",
         .unit = "bytes",
         .text = "What may wait for one client; above it updates are left out and a gap is told",
         .hot = true,
         .within = range{4096, 1'073'741'824}},
        &s.queue_bytes);
  v.key({.name = "stalled_ms",
         .unit = "ms",
         .text = "A client that has read nothing for so long while data waits is closed with 3008",
         .hot = true,
         .within = range{100, 86'400'000}},
        &s.stalled_ms);
  v.key({.name = "connections_per_user",
         .unit = "connections",
         .text = "Open connections of one signed-in user",
         .hot = true,
         .within = range{1, 1'000'000}},
        &s.connections_per_user);
  v.key({.name = "waiting_topics",
         .unit = "topics",
         .text = "Subscribed topics that nobody has written yet, a shard",
         .hot = true,
         .within = range{0, 10'000'000}},
        &s.waiting_topics);
  v.key({.name = "indicators",
         .unit = "topics",
         .text = "Topics of indicators that the server computes, all together",
         .hot = true,
         .within = range{0, 1'000'000}},
        &s.indicators);
  v.key({.name = "indicators_per_symbol",
         .unit = "topics",
         .text = "Topics of indicators of one symbol, over all its intervals",
         .hot = true,
         .within = range{0, 10'000}},
        &s.indicators_per_symbol);
  v.key({.name = "indicator_linger_ms",
         .unit = "ms",
         .text = "An indicator that nobody listens to any more is kept for so long",
         .hot = true,
         .within = range{0, 86'400'000}},
        &s.indicator_linger_ms);
  v.key({.name = "in_flight_ticks",
         .unit = "ticks",
         .text = "Ticks of one feed on their way into the engine; at the bound the feed stops reading",
         .within = range{1, 10'000'000}},
        &s.in_flight_ticks);
  v.key({.name = "message_bytes",
         .unit = "bytes",
         .text = "Largest ZeroMQ message taken from a feed or a service; a larger one is dropped by ZeroMQ",
         .within = range{1024, 1'073'741'824}},
        &s.message_bytes);
}

void describe_log(log_section& s, key_visitor& v) {
  v.key({.name = "level", .text = "What is written, and all above it", .hot = true},
        choice_ref(s.level, log_levels));
  v.key({.name = "format", .text = "Lines for people or one JSON object a line"},
        choice_ref(s.format, log_formats));
  v.key({.name = "file", .text = "File to append to; empty: stderr"}, &s.file);
}

}  // namespace

void describe_server(config& values, key_visitor& v) {
  v.table({"listen", "The port for clients: HTTP and WebSocket"},
          [&](key_visitor& inner) { describe_listen(values.listen, inner); });
  v.table({"admin", "Console, /metrics, /live and /ready, on a port and a thread of their own"},
          [&](key_visitor& inner) { describe_admin(values.admin, inner); });
  v.table({"io", "Shards, and how they write"}, [&](key_visitor& inner) { describe_io(values.io, inner); });
  v.table({"workers", "Threads for what is not on a shard"}, [&](key_visitor& inner) {
    inner.key({.name = "count",
               .unit = "threads",
               .text = "Directory, event topics, users, charts, services and supervisors share them",
               .within = range{1, 256}},
              &values.workers.count);
  });
  v.table({"http", "What is read from history to answer requests"}, [&](key_visitor& inner) {
    inner.key({.name = "readers",
               .unit = "threads",
               .text = "They read history, compute indicators, encode and compress; never a shard",
               .within = range{1, 64}},
              &values.http.readers);
    inner.key({.name = "waiting",
               .unit = "reads",
               .text = "Reads that may wait for one of them; more are answered with 503",
               .within = range{1, 100'000}},
              &values.http.waiting);
  });
  v.table({"limits", "Bounds of everything that outsiders can make grow"},
          [&](key_visitor& inner) { describe_limits(values.limits, inner); });
  v.table({"log", "The log"}, [&](key_visitor& inner) { describe_log(values.log, inner); });
  v.table({"debug", "For developers and conformance suites"}, [&](key_visitor& inner) {
    inner.key({.name = "echo", .text = "A WebSocket at /echo that returns each message as it came"},
              &values.debug.echo);
    inner.key(
        {.name = "fault",
         .text = "To rehearse failures: at a trade of this symbol its quote topic throws when the price is "
                 "negative, its feed when it is 0; empty: none"},
        &values.debug.fault);
    inner.key(
        {.name = "stuck",
         .text = "To rehearse threads that hang: a trade of price 0 of a symbol that begins so blocks its "
                 "shard for as many ms as its size; a number to an event topic whose name behind the kind "
                 "begins so blocks a worker for as many ms; at most 30000; empty: none"},
        &values.debug.stuck);
  });
}

}  // namespace tickcast::config
