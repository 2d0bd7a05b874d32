#include "net/counters.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "protocol/frame.hpp"

namespace tickcast::net {
namespace {

constexpr std::array<std::string_view, refusal_count> refusal_names{
    "connection_limit", "overrun",        "accept_error", "stopping",     "origin",
    "bad_handshake",    "not_by_gateway", "timeout",      "proxy_header", "untrusted_proxy"};

/// Where `value` stands in `table`; its first element stands for all others.
template <class Table, class Value>
std::size_t place(const Table& table, Value value) noexcept {
  const auto found = std::find(table.begin(), table.end(), value);
  return found == table.end() ? 0 : static_cast<std::size_t>(found - table.begin());
}

std::string code_name(unsigned code) {
  return code == 0 ? "other" : std::to_string(code);
}

/// One shard's readings, so that the label stands once.
class shard_writer {
public:
  shard_writer(actors::metric_writer& to, std::size_t shard) : to_(to), shard_(std::to_string(shard)) {}

  void counter(std::string_view name, std::string_view help, const net::counter& value,
               actors::metric_labels labels = {}) {
    labels.emplace_back("shard", shard_);
    to_.counter(name, help, std::move(labels), static_cast<double>(value.value()));
  }
  void gauge(std::string_view name, std::string_view help, const net::counter& value,
             actors::metric_labels labels = {}) {
    labels.emplace_back("shard", shard_);
    to_.gauge(name, help, std::move(labels), static_cast<double>(value.value()));
  }

private:
  actors::metric_writer& to_;
  std::string shard_;
};

void write_connections(shard_writer& to, const shard_counters& from) {
  to.counter("tickcast_connections_accepted_total", "TCP connections accepted", from.accepted);
  for (std::size_t i = 0; i < refusal_count; ++i)
    to.counter("tickcast_connections_refused_total", "Connections and handshakes refused", from.refused[i],
               {{"reason", std::string(refusal_names[i])}});
  constexpr std::string_view handshakes_help =
      "TLS handshakes done, by whether they resumed an earlier session";
  to.counter("tickcast_tls_handshakes_total", handshakes_help, from.tls.full, {{"resumed", "no"}});
  to.counter("tickcast_tls_handshakes_total", handshakes_help, from.tls.resumed, {{"resumed", "yes"}});
  for (std::size_t i = 0; i < tls_failure_count; ++i)
    to.counter("tickcast_tls_failures_total", "TLS handshakes that came to nothing", from.tls.failed[i],
               {{"reason", std::string(tls_failure_names[i])}});
  to.gauge("tickcast_http_connections", "Open connections that are not WebSockets", from.http_open);
  constexpr std::string_view open_help = "Open WebSockets by encoding";
  to.gauge("tickcast_clients", open_help, from.clients_open[protocol::index(protocol::encoding::json)],
           {{"encoding", "json"}});
  to.gauge("tickcast_clients", open_help, from.clients_open[protocol::index(protocol::encoding::msgpack)],
           {{"encoding", "msgpack"}});
  to.gauge("tickcast_clients", open_help, from.echoes_open, {{"encoding", "echo"}});
  for (std::size_t i = 0; i < from.closed.size(); ++i)
    to.counter("tickcast_websocket_closed_total", "WebSockets that ended, by close code", from.closed[i],
               {{"code", code_name(shard_counters::close_codes[i])}});
  for (std::size_t i = 0; i < from.answered.size(); ++i)
    to.counter("tickcast_http_answers_total", "HTTP answers by status", from.answered[i],
               {{"status", code_name(shard_counters::http_statuses[i])}});
}

void write_traffic(shard_writer& to, const shard_counters& from) {
  to.counter("tickcast_client_messages_received_total", "Messages from clients", from.messages_received);
  to.counter("tickcast_client_bytes_received_total", "Bytes read from clients", from.bytes_received);
  to.counter("tickcast_client_bytes_sent_total", "Bytes written to clients", from.bytes_sent);
  to.counter("tickcast_client_frames_sent_total", "Frames written to clients, whole", from.frames_sent);
  to.counter("tickcast_client_writes_total", "Gathering writes", from.writes);
  to.counter("tickcast_client_writes_blocked_total", "Writes of which the kernel took only a part",
             from.blocked_writes);
  to.counter("tickcast_client_flushes_held_total", "Flushes held back for fuller writes", from.held_flushes);
  to.counter("tickcast_client_over_budget_total", "Frames not queued because the client's budget was used up",
             from.over_budget);
  to.counter("tickcast_client_pings_sent_total", "WebSocket pings sent", from.pings_sent);
  to.counter("tickcast_client_pongs_missed_total", "Clients closed because no pong came", from.pongs_missed);
  to.counter("tickcast_client_stalled_total", "Clients closed because they read nothing", from.stalled);
  to.counter("tickcast_client_wrong_frames_total", "Text where binary was agreed, or the other way round",
             from.wrong_frames);
  to.gauge("tickcast_client_queue_bytes", "Bytes that wait for clients", from.queue_bytes);
  to.gauge("tickcast_client_queue_bytes_largest", "Most bytes that wait for one client",
           from.queue_bytes_largest);
}

}  // namespace

void shard_counters::close(std::uint16_t code) noexcept {
  closed[place(close_codes, code)].add();
}

std::size_t shard_counters::status_index(unsigned status) noexcept {
  return place(http_statuses, status);
}

std::uint64_t shard_counters::sessions() const noexcept {
  return http_open.value() + clients_open[0].value() + clients_open[1].value() + echoes_open.value();
}

void write_metrics(actors::metric_writer& to, const shard_counters& counters, std::size_t shard) {
  shard_writer labelled(to, shard);
  write_connections(labelled, counters);
  write_traffic(labelled, counters);
  to.histogram("tickcast_publish_to_write_seconds",
               "From the feed's hand-over to the sockets, for the oldest update of each turn",
               {{"shard", std::to_string(shard)}}, counters.publish_to_write.read());
}

}  // namespace tickcast::net
