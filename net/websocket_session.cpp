#include "net/websocket_session.hpp"

#include <algorithm>
#include <exception>

#include "actors/runtime/log.hpp"
#include "net/echo.hpp"

namespace tickcast::net {
namespace {

/// Room for the first part of a message: what an idle client costs. Commands are shorter as a rule.
constexpr std::size_t first_read = 128;
constexpr std::size_t next_read = 16 * 1024;

constexpr std::uint16_t lost_connection = 1006;
/// The sweep comes by more often than a sign-in needs to be looked at.
constexpr std::chrono::milliseconds peer_tick{500};

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The close code Beast answers a broken frame with.
std::uint16_t code_for(const error_code& ec) {
  if (ec == websocket::error::message_too_big) return 1009;
  if (ec == websocket::error::bad_frame_payload) return 1007;
  if (ec == websocket::condition::protocol_violation) return 1002;
  return lost_connection;
}

}  // namespace

subprotocol choose_subprotocol(std::string_view offered) {
  while (!offered.empty()) {
    const auto comma = offered.find(',');
    const auto name = trim(offered.substr(0, comma));
    offered = comma == std::string_view::npos ? std::string_view{} : offered.substr(comma + 1);
    if (name == "tickcast.v1.msgpack") return {protocol::encoding::msgpack, "tickcast.v1.msgpack"};
    if (name == "tickcast.v1.json") return {protocol::encoding::json, "tickcast.v1.json"};
    if (name == "tickcast.v1") return {protocol::encoding::json, "tickcast.v1"};
  }
  return {};
}

websocket_session::websocket_session(shard_context& context, queue_ptr queue, std::string unread,
                                     websocket_terms terms)
    : queue_(queue),
      context_(context),
      stream_(std::move(queue), std::move(unread)),
      remote_(std::move(terms.remote)),
      shown_(std::move(terms.shown)),
      encoding_(terms.agreed.encoding),
      echo_(terms.echo) {
  heard_ = appended_ = progressed_ = ticked_ = context_.host.now();
  const auto& listen = context_.configuration.listen;
  websocket::stream_base::timeout limits{};
  limits.handshake_timeout = std::chrono::milliseconds(listen.handshake_ms);
  limits.idle_timeout = websocket::stream_base::none();
  limits.keep_alive_pings = false;
  stream_.set_option(limits);
  stream_.read_message_max(listen.max_frame_bytes);
  if (!terms.agreed.name.empty())
    stream_.set_option(
        websocket::stream_base::decorator([name = terms.agreed.name](websocket::response_type& response) {
          response.set(http::field::sec_websocket_protocol, beast::string_view(name.data(), name.size()));
        }));
  queue_->watch(this);
  open_count().add();
}

websocket_session::~websocket_session() {
  open_count().subtract();
}

void websocket_session::accept(const http::request<http::string_body>& request) {
  const boost::intrusive_ptr<websocket_session> self(this);
  stream_.async_accept(request, [self](error_code ec) { self->on_accept(ec); });
}

void websocket_session::on_accept(error_code ec) {
  if (state_ == state::ended) return;
  if (ec) {
    context_.counters.refuse(ec == beast::error::timeout ? refusal::timeout : refusal::bad_handshake);
    queue_->abort();
    return end();
  }
  state_ = state::open;
  stream_.set_option(websocket::stream_base::decorator([](websocket::response_type&) {}));
  if (close_at_open_ || context_.port.refuses()) return begin_close(protocol::close_code::shutdown);
  try {
    peer_ =
        echo_ ? make_echo(*this) : context_.peers(*this, {std::move(remote_), encoding_, std::move(shown_)});
  } catch (const std::exception& bug) {
    actors::log(actors::component::net)
        .error("{}: no connection could be made: {}", context_.host.name(), bug.what());
    return begin_close(protocol::close_code::internal);
  }
  std::string().swap(remote_);
  read();
}

void websocket_session::read() {
  if (state_ != state::open) return;
  if (queue_->over_budget()) {
    paused_ = true;
    queue_->want_room();
    return;
  }
  const auto before = message_.size();
  message_.resize(before + (before == 0 ? first_read : next_read));
  const boost::intrusive_ptr<websocket_session> self(this);
  stream_.async_read_some(
      asio::buffer(message_.data() + before, message_.size() - before),
      [self, before](error_code ec, std::size_t bytes) { self->on_read(ec, bytes, before); });
}

void websocket_session::on_read(error_code ec, std::size_t bytes, std::size_t before) {
  if (state_ == state::ended) return;
  if (ec) {
    note_end(ec);
    if (!close_pending_) end();
    return;
  }
  message_.resize(before + bytes);
  if (state_ != state::open) return;
  if (stream_.is_message_done()) on_message();
  read();
}

void websocket_session::on_message() {
  context_.counters.messages_received.add();
  const auto sent_as = stream_.got_text() ? protocol::encoding::json : protocol::encoding::msgpack;
  if (!echo_ && sent_as != encoding_) {
    context_.counters.wrong_frames.add();
    return begin_close(protocol::close_code::bad_request);
  }
  const session_ptr self(this);
  std::string whole;
  whole.swap(message_);
  try {
    peer_->receive(std::move(whole), sent_as);
  } catch (const std::exception& bug) {
    actors::log(actors::component::net)
        .error("{}: a client's message could not be taken: {}", context_.host.name(), bug.what());
    begin_close(protocol::close_code::internal);
  }
}

actors::sent websocket_session::append(const protocol::frame_ptr& frame) noexcept {
  if (state_ != state::open) return actors::sent::closed;
  const auto outcome = queue_->append(frame);
  if (outcome == actors::sent::over_budget) peer_waits_ = true;
  return outcome;
}

actors::sent websocket_session::answer(const protocol::frame_ptr& frame) noexcept {
  return state_ == state::open ? queue_->answer(frame) : actors::sent::closed;
}

void websocket_session::close(protocol::close_code code) noexcept {
  if (state_ == state::handshake)
    close_at_open_ = true;
  else
    begin_close(code);
}

void websocket_session::close(std::uint16_t code, std::string_view reason) noexcept {
  if (state_ == state::handshake)
    close_at_open_ = true;
  else
    begin_close(code, reason);
}

void websocket_session::kick(protocol::close_code code) {
  queue_->drop_unsent();
  begin_close(code);
}

void websocket_session::begin_close(protocol::close_code code) {
  begin_close(static_cast<std::uint16_t>(code), protocol::to_string(code));
}

void websocket_session::begin_close(std::uint16_t code, std::string_view reason) {
  if (state_ != state::open) return;
  state_ = state::closing;
  closing_since_ = context_.host.now();
  paused_ = false;
  end_code_ = code;
  // broken() is on its way and ends the session; not here, where the peer may be calling.
  if (queue_->is_broken()) return;
  close_pending_ = true;
  const boost::intrusive_ptr<websocket_session> self(this);
  stream_.async_close(
      {static_cast<websocket::close_code>(code), beast::string_view(reason.data(), reason.size())},
      [self](error_code) {
        self->close_pending_ = false;
        self->end();
      });
}

bool websocket_session::describe(connection_row& row) {
  if (!peer_ || !peer_->describe(row)) return false;
  row.encoding = encoding_ == protocol::encoding::json ? "json" : "msgpack";
  row.queue_bytes = queue_->bytes();
  row.frames = queue_->frames_pushed();
  row.bytes = queue_->bytes_pushed();
  row.state = state_ == state::open ? "open" : "closing";
  if (row.queue_bytes != 0)
    row.lag_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(context_.host.now() - progressed_).count();
  row.rtt_us = queue_->socket_transport().round_trip_us();
  return true;
}

bool websocket_session::kick(std::uint64_t id, std::uint16_t code, const std::string& reason) {
  connection_row mine;
  if (!peer_ || !peer_->describe(mine) || mine.id != id) return false;
  begin_close(code, reason);
  return true;
}

void websocket_session::room_again() {
  const session_ptr self(this);
  if (std::exchange(peer_waits_, false) && peer_) peer_->drained();
  if (!std::exchange(paused_, false)) return;
  heard_ = context_.host.now();
  read();
}

void websocket_session::broken() {
  // Beast's pending operations fail too and end the session; without one, nobody else would.
  if (end_code_ == 0) end_code_ = lost_connection;
  if (!close_pending_) end();
}

void websocket_session::sweep(clock::time_point now) {
  if (queue_->take_received()) {
    heard_ = now;
    pinged_ = {};
  }
  if (queue_->take_appended()) appended_ = now;
  if (queue_->bytes() == 0) queue_->release_memory();
  if (state_ == state::open && !queue_->closing()) return sweep_open(now);
  if (state_ != state::closing && !queue_->closing()) return;
  // Beast has a time-out for closes we begin, none for those the client begins.
  if (closing_since_ == clock::time_point{}) closing_since_ = now;
  if (now - closing_since_ >= std::chrono::milliseconds(context_.configuration.listen.handshake_ms))
    queue_->abort();
}

void websocket_session::sweep_open(clock::time_point now) {
  context_.largest_queue = std::max(context_.largest_queue, queue_->bytes());
  sweep_stalled(now);
  if (state_ == state::open && peer_ && now - ticked_ >= peer_tick) {
    ticked_ = now;
    peer_->pass_time();
  }
  if (state_ != state::open || paused_) return;
  const auto& listen = context_.configuration.listen;
  if (pinged_ != clock::time_point{}) {
    if (now - pinged_ >= std::chrono::milliseconds(listen.pong_ms)) {
      context_.counters.pongs_missed.add();
      return kick(protocol::close_code::no_pong);
    }
  } else if (now - heard_ >= std::chrono::milliseconds(listen.ping_ms)) {
    ping(now);
  }
  if (!echo_ && now - appended_ >= std::chrono::milliseconds(listen.ping_ms)) {
    appended_ = now;
    answer(context_.port.ping[protocol::index(encoding_)]);
  }
}

void websocket_session::sweep_stalled(clock::time_point now) {
  if (queue_->take_progress() || queue_->bytes() == 0) {
    progressed_ = now;
  } else if (now - progressed_ >= std::chrono::milliseconds(context_.configuration.limits.stalled_ms)) {
    context_.counters.stalled.add();
    kick(protocol::close_code::slow);
  }
}

void websocket_session::ping(clock::time_point now) {
  pinged_ = now;
  if (std::exchange(ping_pending_, true)) return;
  context_.counters.pings_sent.add();
  const boost::intrusive_ptr<websocket_session> self(this);
  stream_.async_ping({}, [self](error_code) { self->ping_pending_ = false; });
}

void websocket_session::note_end(error_code ec) {
  if (end_code_ != 0) return;
  end_code_ = ec == websocket::error::closed ? stream_.reason().code : code_for(ec);
  if (end_code_ == 0) end_code_ = static_cast<std::uint16_t>(websocket::close_code::no_status);
}

void websocket_session::end() {
  if (std::exchange(state_, state::ended) == state::ended) return;
  const session_ptr self(this);
  context_.counters.close(end_code_);
  queue_->watch(nullptr);
  if (queue_->bytes() != 0) queue_->abort();
  peer_.reset();
  context_.sessions.remove(*this);
}

counter& websocket_session::open_count() noexcept {
  return echo_ ? context_.counters.echoes_open : context_.counters.clients_open[protocol::index(encoding_)];
}

}  // namespace tickcast::net
