#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/feed_message.hpp"
#include "protocol/topic.hpp"

/// The configuration as plain values: one struct a section, one field a key, the default beside it.
///
/// Every key is described once more in config/keys_*.cpp (unit, allowed values, hot or cold, sentence);
/// reading, checking, suggestions and the reference come from there. `hot`: takes effect while the server
/// runs, by a `configure` message; `cold`: at the next start. Sizes are bytes, times are milliseconds where
/// names say `_ms`. Plain data: no thread, no I/O; config/load.hpp makes one.
namespace tickcast::config {

/// A certificate and its private key, PEM files. Both empty: no TLS.
struct tls_section {
  std::string certificate;  ///< cold: path of the certificate chain
  std::string key;          ///< cold: path of the private key

  bool enabled() const noexcept { return !certificate.empty(); }
  bool operator==(const tls_section&) const = default;
};

struct cors_section {
  std::vector<std::string> origins;  ///< hot: origins that may read /api and /udf from a browser; "*": all

  bool operator==(const cors_section&) const = default;
};

/// `[listen]`: the port for clients, HTTP and WebSocket.
struct listen_section {
  std::string address = "127.0.0.1";  ///< cold: IPv4 or IPv6 address to bind
  std::uint16_t port = 8080;          ///< cold: TCP port; 0: any free one
  std::uint32_t backlog = 4096;  ///< cold: connections the kernel holds before they are accepted, a shard
  bool tcp_nodelay = true;       ///< cold: TCP_NODELAY on client sockets
  std::string congestion;        ///< cold: TCP congestion control by name; empty: the system's
  std::size_t max_connections = 20000;  ///< hot: open client connections over all shards; more get 503
  std::size_t max_frame_bytes = 65536;  ///< cold: largest message from a client; larger ones close with 1009
  std::int64_t handshake_ms = 5000;     ///< cold: time for TLS, HTTP head and WebSocket handshake together
  std::int64_t ping_ms = 25000;         ///< hot: silence after which the server pings a client
  std::int64_t pong_ms = 8000;          ///< hot: time for the pong; then the client is closed (3012)
  std::vector<std::string> allowed_origins;  ///< hot: empty: the same origin or none; "*": all
  std::vector<std::string> trusted_proxies;  ///< cold: networks whose X-Forwarded-For is believed
  bool proxy_protocol = false;  ///< cold: connections of trusted proxies begin with a PROXY line (v1 or v2)
  std::string web_directory;  ///< cold: where the page's files lie; empty: beside the program or in the tree
  tls_section tls;
  cors_section cors;

  bool operator==(const listen_section&) const = default;
};

/// `[admin]`: console, `/metrics`, `/live`, `/ready`, on a port and thread of their own.
struct admin_section {
  std::string address = "127.0.0.1";  ///< cold: address to bind; beyond loopback only with TLS
  std::uint16_t port = 9190;          ///< cold: TCP port; 0: any free one
  std::string token_file;             ///< cold: bearer tokens; empty: admin-tokens in store.directory
  bool allow_destructive = false;     ///< cold: whether operators may stop what the engine cannot be without
  tls_section tls;

  bool operator==(const admin_section&) const = default;
};

/// `[io]`: shards and how they write.
struct io_section {
  std::uint32_t shards = 0;  ///< cold: 0: as many as the CPUs the process may use (cpu_limit.hpp)
  std::uint32_t notsent_lowat_bytes = 16384;  ///< cold: TCP_NOTSENT_LOWAT of client sockets; 0: the system's
  std::uint32_t hold_ms = 5;                  ///< hot: longest a flush is held back under load; 0: never
  std::uint32_t chunk = 512;  ///< hot: subscribers a broadcaster serves before the sockets get a turn

  bool operator==(const io_section&) const = default;
};

/// `[workers]`: CAF's scheduler.
struct workers_section {
  std::uint32_t count = 2;  ///< cold: threads for directory, users, charts, services, supervisors

  bool operator==(const workers_section&) const = default;
};

/// `[http]`: what is read from history to answer requests.
struct http_section {
  std::uint32_t readers = 2;  ///< cold: threads that read history, compute, encode and compress
  std::size_t waiting = 256;  ///< cold: reads that may wait for one of them; more are answered with 503

  bool operator==(const http_section&) const = default;
};

/// `[limits]`: the bounds of everything that outsiders can make grow.
struct limits_section {
  std::size_t topics = 100000;           ///< cold: symbols and event topics the engine keeps, each
  std::size_t topics_per_client = 2000;  ///< hot: subscriptions of one connection
  std::uint32_t commands_per_s = 50;     ///< hot: commands of one connection, a second
  std::uint32_t publishes_per_s = 50;    ///< hot: publishes of one connection, a second
  std::uint32_t bytes_per_s = 1048576;   ///< hot: bytes of commands of one connection, a second; 0: any
  std::uint32_t calls_per_client = 64;   ///< hot: calls of one connection that backends may have open
  std::size_t pattern_topics = 2000;     ///< hot: topics that the patterns of one connection may match
  std::size_t queue_bytes = 1048576;     ///< hot: what may wait for one client; above it: gap
  std::int64_t stalled_ms = 30000;       ///< hot: a client that has read nothing for so long is closed (3008)
  std::uint32_t connections_per_user = 32;   ///< hot: open connections of one signed-in user
  std::size_t waiting_topics = 10000;        ///< hot: subscribed topics without a writer, a shard
  std::size_t indicators = 5000;             ///< hot: topics of indicators, all together
  std::size_t indicators_per_symbol = 100;   ///< hot: topics of indicators of one symbol
  std::int64_t indicator_linger_ms = 60000;  ///< hot: an indicator without listeners is kept for so long
  std::size_t in_flight_ticks = 65536;  ///< cold: ticks of one feed on their way; then the feed stops reading
  std::size_t message_bytes = 16777216;  ///< cold: largest ZeroMQ message taken from a feed or service

  bool operator==(const limits_section&) const = default;
};

/// `[simulator]`: the built-in market, topics `SIM.*`.
struct simulator_section {
  bool enabled = false;        ///< cold: true by itself when no configuration file is given
  std::uint32_t symbols = 12;  ///< cold: how many symbols it trades
  std::uint64_t seed = 1;      ///< cold: same seed, same market

  bool operator==(const simulator_section&) const = default;
};

/// CURVE (RFC 26) of one ZeroMQ socket. Keys are 40 characters of Z85; the secret one may lie in a file
/// instead.
struct curve_keys {
  std::string curve_server_key;                ///< cold: the other side's public key, where we connect
  std::string curve_public_key;                ///< cold: our own public key; empty: from the secret one
  std::string curve_secret_key;                ///< cold: our own secret key
  std::string curve_secret_key_file;           ///< cold: file that holds it, bare or as a certificate
  std::vector<std::string> curve_client_keys;  ///< cold: public keys that may connect, where we bind

  bool has_secret() const noexcept { return !curve_secret_key.empty() || !curve_secret_key_file.empty(); }
  bool enabled() const noexcept { return has_secret() || !curve_server_key.empty(); }
  bool operator==(const curve_keys&) const = default;
};

enum class feed_kind : std::uint8_t { zmq_sub, zmq_pull, replay, plugin };
std::string_view to_string(feed_kind kind) noexcept;

/// Multiple of a recording's own pace.
struct replay_speed {
  double factor = 1;  ///< 0: as fast as the engine takes it, written "max"

  bool is_max() const noexcept { return factor == 0; }
  bool operator==(const replay_speed&) const = default;
};

/// One `[[feed]]`. The feeds `sub` and `pull` stand while the file names none.
struct feed_section {
  std::string name;                        ///< cold: unique, required
  feed_kind kind = feed_kind::zmq_pull;    ///< cold: required
  std::vector<std::string> endpoint;       ///< cold: one or several ZeroMQ endpoints
  std::optional<bool> bind;                ///< cold: unset: zmq-pull binds, zmq-sub connects
  protocol::feed_format format{};          ///< cold: what the messages are written in
  std::uint32_t hwm = 100000;              ///< cold: ZeroMQ high-water mark, messages; 0: none
  std::int64_t stale_ms = 5000;            ///< hot: silence that makes the feed stale; 0: never
  std::int64_t symbol_stale_ms = 0;        ///< hot: silence that makes one of its symbols stale; 0: never
  std::string sessions;                    ///< cold: when silence counts; empty: round the clock
  std::int32_t priority = 0;               ///< hot: the highest live feed owns a symbol that two bring
  std::string prefix;                      ///< cold: put before every symbol, e.g. "BINANCE:"
  std::map<std::string, std::string> map;  ///< cold: the feed's symbol -> ours, before the prefix
  std::string group;                       ///< cold: the [[feed_group]] it belongs to
  curve_keys curve;                        ///< keys curve_… of this section

  std::vector<std::string> files;  ///< cold: replay: recordings, merged by time
  replay_speed speed;              ///< cold: replay: a number or "max"
  bool loop = false;               ///< cold: replay: begin again at the end, times shifted forward
  std::string time_column;         ///< cold: replay: column to go by; empty: chosen by the header

  std::string plugin;  ///< cold: plugin: name of the [[plugin]] that brings the feed

  bool binds() const noexcept { return bind.value_or(kind == feed_kind::zmq_pull); }
  bool operator==(const feed_section&) const = default;
};

enum class restart_strategy : std::uint8_t { one_for_one, one_for_all, rest_for_one };
std::string_view to_string(restart_strategy strategy) noexcept;

/// One `[[feed_group]]`: feeds that are restarted by one rule.
struct feed_group_section {
  std::string name;                                           ///< cold: unique, required
  restart_strategy strategy = restart_strategy::one_for_one;  ///< cold

  bool operator==(const feed_group_section&) const = default;
};

/// `[bars]`: how bars form.
struct bars_section {
  std::int64_t push_ms = 250;     ///< hot: forming bars are pushed at most this often
  std::int64_t lateness_ms = 0;   ///< cold: trades so much older than the newest still revise their bar
  std::size_t kept_trades = 500;  ///< cold: of a symbol, to revise bars when one is cancelled or corrected
  std::vector<std::string> intervals{"1s", "1m"};  ///< cold: formed for every symbol
  bool clock_close = true;                         ///< cold: close by the clock when no later trade does it
  protocol::interval::source source{};             ///< cold: what bars without @… are made of

  bool operator==(const bars_section&) const = default;
};

/// `[service]`: the ZeroMQ sockets through which backends push and ask. An empty endpoint: no such socket.
struct service_section {
  std::string pull = "tcp://127.0.0.1:5560";    ///< cold: PULL, bound: service messages in
  std::string router = "tcp://127.0.0.1:5561";  ///< cold: ROUTER, bound: the same, answered
  std::int64_t call_ms = 10000;                 ///< hot: time a backend has to answer a client's call
  std::int64_t lease_ms = 5000;           ///< cold: a backend unheard for so long loses the types it claimed
  std::uint32_t calls = 4096;             ///< hot: calls that may be open at one backend worker
  std::int64_t idempotency_ms = 600000;   ///< hot: how long an idempotency key is remembered
  std::size_t idempotency_keys = 100000;  ///< hot: how many are; the oldest are forgotten
  curve_keys curve;

  bool operator==(const service_section&) const = default;
};

/// `[egress]`: the ZeroMQ XPUB that passes topics on.
struct egress_section {
  std::string endpoint = "tcp://127.0.0.1:5562";  ///< cold: bound; empty: no egress
  std::uint32_t hwm = 100000;                     ///< cold: ZeroMQ high-water mark of a subscriber, messages
  curve_keys curve;

  bool operator==(const egress_section&) const = default;
};

/// `[redis]`: backends that speak Redis.
struct redis_section {
  std::string url;                            ///< cold: redis://host:port/db; empty: not used
  std::vector<std::string> queues;            ///< cold: lists of service messages
  std::vector<std::string> channels;          ///< cold: channels and patterns subscribed to
  std::string processing = ":processing";     ///< cold: after a list's name: where its messages are worked on
  std::map<std::string, std::string> claims;  ///< cold: type of client messages -> list they are pushed to
  std::size_t waiting = 10000;                ///< hot: messages for backends that wait while Redis is away

  bool operator==(const redis_section&) const = default;
};

/// `[users]`: what is kept for users.
struct users_section {
  std::uint32_t messages = 100;       ///< hot: messages kept for a user; above it the oldest are dropped
  std::size_t message_bytes = 65536;  ///< hot: largest message to a user
  std::int64_t resend_ms = 5000;      ///< hot: first wait for an acknowledgement; doubled up to a minute
  std::int64_t linger_ms = 60000;     ///< hot: a user without connections and messages is kept for so long
  std::int64_t leave_ms = 2000;       ///< hot: a user who is back within it has not left
  std::size_t known = 1000000;        ///< hot: users with an agent or with kept messages
  std::string usage_file;             ///< cold: usage of each user as JSON lines; empty: none
  std::int64_t usage_ms = 60000;      ///< hot: how often usage is written

  bool operator==(const users_section&) const = default;
};

/// `[store.retention]`: days that history is kept, by kind, and the most bytes of it; 0: for ever, no bound.
struct retention_section {
  std::uint32_t trade = 15;       ///< cold
  std::uint32_t quote = 15;       ///< cold
  std::uint32_t bar = 0;          ///< cold
  std::uint64_t trade_bytes = 0;  ///< cold: as encoded, before the database compresses them
  std::uint64_t quote_bytes = 0;  ///< cold
  std::uint64_t bar_bytes = 0;    ///< cold
  std::uint32_t book = 1;         ///< cold
  std::uint32_t event = 30;       ///< cold
  std::uint32_t user = 30;        ///< cold

  bool operator==(const retention_section&) const = default;
};

/// `[store]`: history.
struct store_section {
  std::string directory;            ///< cold: data directory, locked by one server; empty: memory only
  std::int64_t flush_ms = 100;      ///< cold: longest an update waits before it is written
  std::size_t memory = 268435456;   ///< cold: bytes of history kept in memory
  std::uint32_t memory_hours = 24;  ///< cold: how long it stays there
  std::size_t queue_bytes =
      16777216;  ///< cold: what a shard may leave for the store; more is dropped, counted
  retention_section retention;

  bool operator==(const store_section&) const = default;
};

/// `[instruments]`: reference data.
struct instruments_section {
  std::string
      file;  ///< cold: TOML with names, tick sizes and trading hours (config/instruments.hpp); empty: none

  bool operator==(const instruments_section&) const = default;
};

/// `[auth.jwt]`
struct jwt_section {
  std::vector<std::string> algorithms;      ///< cold: e.g. HS256, RS256; empty: no tokens are taken
  std::string secret_file;                  ///< cold: HMAC secret; its contents are hot
  std::string public_key_file;              ///< cold: PEM key for RS and ES; its contents are hot
  std::map<std::string, std::string> keys;  ///< cold: files of further keys by `kid`; their contents are hot
  std::string jwks_url;                     ///< cold: where the keys are published
  std::string issuer;                       ///< cold: required `iss`; empty: any
  std::string audience;                     ///< cold: required `aud`; empty: any
  std::string user_claim = "sub";           ///< cold: claim that names the user
  std::string name_claim = "name";          ///< cold: claim with the name for people
  std::string groups_claim = "groups";      ///< cold: claim with a list of groups, or one
  std::int64_t leeway_ms = 5000;            ///< cold: clock difference that is forgiven
  std::string cookie;                       ///< cold: cookie with a token; empty: none is read
  std::string query_parameter;              ///< cold: parameter of /ws with a token; empty: none is read

  bool operator==(const jwt_section&) const = default;
};

/// `[auth.api_keys]`: programs.
struct api_keys_section {
  std::string file;  ///< cold: names, hashes and groups, mode 0600; its contents are hot; empty: not used
  std::vector<std::string> service_groups{"backend"};  ///< cold: groups whose keys may send service messages

  bool operator==(const api_keys_section&) const = default;
};

/// `[auth.django]`
struct django_section {
  std::string cookie = "sessionid";  ///< cold: name of the session cookie (SESSION_COOKIE_NAME)
  std::string store;                 ///< cold: where sessions lie: redis://… or cookie; empty: not used
  std::string secret_key_file;    ///< cold: SECRET_KEY, then its fallbacks, one a line; its contents are hot
  std::string key_prefix;         ///< cold: KEY_PREFIX of the cache
  std::uint32_t key_version = 1;  ///< cold: VERSION of the cache
  std::string session_prefix = "django.contrib.sessions.cache";  ///< cold: before the session's own key
  std::int64_t cookie_age_s = 1209600;     ///< cold: SESSION_COOKIE_AGE, for sessions that lie in the cookie
  std::int64_t timeout_ms = 2000;          ///< cold: time for an answer of Redis
  std::string name_key = "tickcast_name";  ///< cold: key of the session with the name for people
  std::string groups_key = "tickcast_groups";  ///< cold: key of the session with a list of groups

  bool operator==(const django_section&) const = default;
};

/// `[auth.callback]`
struct callback_section {
  std::string url;                 ///< cold: asked who a client is; empty: not used
  std::int64_t timeout_ms = 2000;  ///< cold: time for its answer
  std::int64_t cache_ms = 10000;   ///< cold: how long an answer holds

  bool operator==(const callback_section&) const = default;
};

/// `[auth.proxy]`: a gateway in front has signed the user in.
struct proxy_section {
  std::string user_header;    ///< cold: header with the user, believed from trusted proxies
  std::string name_header;    ///< cold: header with the name for people
  std::string groups_header;  ///< cold: header with groups, separated by commas

  bool operator==(const proxy_section&) const = default;
};

/// `[auth]`
struct auth_section {
  bool anonymous = true;            ///< cold: whether clients who do not sign in are let in
  std::int64_t recheck_ms = 30000;  ///< cold: how often a session that lies elsewhere is looked at again
  std::int64_t warn_ms = 30000;     ///< cold: how long before the end of a token its client is warned
  jwt_section jwt;
  api_keys_section api_keys;
  django_section django;
  callback_section callback;
  proxy_section proxy;

  bool operator==(const auth_section&) const = default;
};

enum class rule_outcome : std::uint8_t { deny, delayed, allow };
std::string_view to_string(rule_outcome outcome) noexcept;
enum class rule_audience : std::uint8_t { anyone, anonymous, signed_in };
std::string_view to_string(rule_audience who) noexcept;

/// One `[[rule]]`. Of those that fit, one that denies wins; else one that allows; else one that delays.
struct rule_section {
  std::string name;                               ///< cold: unique, required
  std::vector<std::string> topics{"*"};           ///< cold: globs
  rule_audience who = rule_audience::anyone;      ///< cold
  std::vector<std::string> users;                 ///< cold: any of them, by id; empty: whoever
  std::vector<std::string> groups;                ///< cold: any of them; empty: whoever
  std::map<std::string, std::string> claims;      ///< cold: claims of the token, each with its value
  std::vector<std::string> actions{"subscribe"};  ///< cold: subscribe, publish, presence, history
  rule_outcome outcome = rule_outcome::deny;      ///< cold
  std::int64_t delay_ms = 900000;                 ///< cold: how late, where the outcome is delayed
  std::vector<std::string> fields;                ///< cold: fields that are shown; empty: all

  bool operator==(const rule_section&) const = default;
};

/// One `[[topic_class]]`: how topics of a pattern are treated; the first one that fits.
struct topic_class_section {
  std::string name;                  ///< cold: unique, required
  std::vector<std::string> topics;   ///< hot: globs, required
  std::uint32_t history = 0;         ///< cold: updates kept in memory; 0: the kind's own
  std::int64_t min_interval_ms = 0;  ///< hot: fastest that updates are sent; 0: every one
  bool retained = true;              ///< cold: whether the last update is the next subscriber's snapshot
  bool recoverable = false;          ///< cold: a client that comes back gets the updates it missed
  bool stored = false;               ///< cold: a publish is acknowledged when it is in the database
  bool publish = false;              ///< cold: clients may publish where no rule says otherwise
  bool presence = false;             ///< cold: who is subscribed can be asked

  bool operator==(const topic_class_section&) const = default;
};

enum class plugin_isolation : std::uint8_t { thread, process };
std::string_view to_string(plugin_isolation isolation) noexcept;

/// One `[[plugin]]`.
struct plugin_section {
  std::string name;     ///< cold: unique, required
  std::string library;  ///< cold: shared object, required
  std::map<std::string, std::string>
      parameters;                         ///< cold: handed to the plugin; numbers and booleans as text
  std::uint32_t budget_restarts = 5;      ///< cold: restarts within budget_period_ms before it stays down
  std::int64_t budget_period_ms = 60000;  ///< cold: of budget_restarts and budget_stuck_ms
  std::size_t budget_mailbox = 10000;     ///< cold: updates that may wait for it; then the oldest are dropped
  std::int64_t budget_handler_ms = 1000;  ///< cold: a handler that takes longer is stuck: an alarm
  std::int64_t budget_stuck_ms = 5000;    ///< cold: beyond that within budget_period_ms: retired
  std::uint32_t budget_publishes_per_s = 10000;           ///< cold: more are refused and counted
  plugin_isolation isolation = plugin_isolation::thread;  ///< cold: a thread of the server, or a process

  bool operator==(const plugin_section&) const = default;
};

enum class log_level : std::uint8_t { trace, debug, info, warning, error };
std::string_view to_string(log_level level) noexcept;
enum class log_format : std::uint8_t { text, json };
std::string_view to_string(log_format format) noexcept;

/// `[log]`
struct log_section {
  log_level level = log_level::info;     ///< hot
  log_format format = log_format::text;  ///< cold
  std::string file;                      ///< cold: empty: stderr

  bool operator==(const log_section&) const = default;
};

/// `[debug]`
struct debug_section {
  bool echo = false;  ///< cold: a WebSocket at /echo that returns each message, for conformance suites
  std::string
      fault;  ///< cold: symbol whose quote topic throws at every trade of a negative price; empty: none
  std::string
      stuck;  ///< cold: names of symbols and event topics that block their thread begin so; empty: none

  bool operator==(const debug_section&) const = default;
};

/// The whole of it.
struct config {
  listen_section listen;
  admin_section admin;
  io_section io;
  workers_section workers;
  http_section http;
  limits_section limits;
  simulator_section simulator;
  std::vector<feed_section> feeds;  ///< key `feed`; see default_feeds()
  std::vector<feed_group_section> feed_groups;
  bars_section bars;
  service_section service;
  egress_section egress;
  redis_section redis;
  users_section users;
  store_section store;
  instruments_section instruments;
  auth_section auth;
  std::vector<rule_section> rules;
  std::vector<topic_class_section> topic_classes;
  std::vector<plugin_section> plugins;
  log_section log;
  debug_section debug;

  bool operator==(const config&) const = default;
};

/// `sub` (SUB, connects to tcp://127.0.0.1:5556) and `pull` (PULL, binds tcp://127.0.0.1:5557).
std::vector<feed_section> default_feeds();

}  // namespace tickcast::config
