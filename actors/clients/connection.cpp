#include "actors/clients/connection.hpp"

#include <algorithm>

#include "actors/clients/client_room.hpp"
#include "actors/clients/command_passage.hpp"
#include "actors/clients/history_desk.hpp"
#include "protocol/topic.hpp"

namespace tickcast::actors {
namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

}  // namespace

connection::connection(caf::actor_config& cfg, host& where, engine& parts, std::uint32_t shard,
                       connection_counters& counters, client_link& link, client_info&& info)
    : hosted(cfg, where, parts.probes,
             {"connection", std::move(info.remote), "root/shards/" + where.name(), where.name()}),
      engine_(parts),
      link_(&link),
      counters_(counters),
      refilled_(where.now()),
      tokens_(parts.settings.limits.commands_per_s),
      shard_(shard),
      encoding_(info.encoding) {
  bump(counters_.opened);
}

connection::behavior_type connection::make_behavior() {
  return {
      [this](const client_message& message) { on_message(*message.text); },
      [this](const link_drained&) {
        tell(my_broadcaster(), client_drained{self_ptr(), this});
      },
      [this](const command_lost& command) {
        refuse(command.id, protocol::error_code::internal,
               "a part of the server is just being restarted: send the command again");
      },
      [this](const history_read& read) {
        --reads_;
        answer(read.answer);
      },
  };
}

void connection::describe_to(description& to) {
  to.add("encoding", encoding_ == protocol::encoding::json ? "json" : "msgpack");
  to.add("connected", connected_);
  to.add("subscribed", seat != no_seat);
  to.add("queued_bytes", link_ ? link_->queued_bytes() : 0);
  to.add("commands_left_this_second", tokens_);
}

void connection::on_exit() {
  bump(counters_.ended);
  if (seat != no_seat) tell(my_broadcaster(), client_left{self_ptr(), this});
  broadcaster_ = nullptr;
  // The actor ended before its session: the socket follows.
  if (auto* link = std::exchange(link_, nullptr)) {
    bump(counters_.failed);
    link->close(protocol::close_code::server_error);
  }
}

void connection::refuse(std::uint64_t id, protocol::error_code code, std::string_view message) noexcept {
  counters_.count_error(code);
  answer(protocol::encode_error(encoding_, id, code, message));
}

const broadcaster_actor& connection::my_broadcaster() {
  if (const auto version = engine_.routes.version(); version != routes_version_) {
    routes_version_ = version;
    broadcaster_ = engine_.routes.broadcaster(shard_);
  }
  return broadcaster_;
}

bool connection::within_rate() {
  const double rate = engine_.settings.limits.commands_per_s;
  const auto now = where().now();
  tokens_ = std::min(rate, tokens_ + rate * std::chrono::duration<double>(now - refilled_).count());
  refilled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

void connection::on_message(const std::string& text) {
  bump(counters_.commands);
  auto decoded = protocol::decode_command(text, encoding_);
  if (!decoded) {
    refuse(decoded.error().id.value_or(0), decoded.error().code, decoded.error().message);
    return;
  }
  const auto id = decoded->id;
  if (!within_rate()) {
    refuse(id, protocol::error_code::too_many_requests,
           "more commands a second than limits.commands_per_s allows; send several topics in one command");
    return;
  }
  std::visit(
      overloaded{
          [&](const protocol::connect_command& what) { on_connect(id, what); },
          [&](protocol::subscribe_command& what) { pass_on<subscribe>(id, std::move(what.topics)); },
          [&](protocol::unsubscribe_command& what) { pass_on<unsubscribe>(id, std::move(what.topics)); },
          [&](const protocol::history_command& what) { on_history(id, what); },
          [&](const protocol::ping_command&) { answer(protocol::encode_reply(encoding_, id)); },
          [](const protocol::pong_command&) {},
      },
      decoded->what);
}

void connection::on_connect(std::uint64_t id, const protocol::connect_command& what) {
  if (connected_) {
    refuse(id, protocol::error_code::bad_request, "this connection has already sent connect");
    return;
  }
  if (!what.token.empty()) {
    refuse(id, protocol::error_code::unauthorized, "this server takes no tokens: leave `token` out");
    return;
  }
  if (!engine_.settings.auth.anonymous) {
    refuse(id, protocol::error_code::unauthorized, "this server admits nobody without signing in");
    return;
  }
  connected_ = true;
  const auto client = make_epoch();
  protocol::connect_result result;
  result.client = client;
  result.ping_ms = engine_.settings.listen.ping_ms;
  result.version = TICKCAST_VERSION;
  answer(protocol::encode_connect_reply(encoding_, id, result));
}

bool connection::admitted(std::uint64_t id) {
  if (connected_ || engine_.settings.auth.anonymous) return true;
  refuse(id, protocol::error_code::unauthorized, "send connect first");
  return false;
}

void connection::on_history(std::uint64_t id, const protocol::history_command& what) {
  using protocol::topic_kind;
  if (!admitted(id)) return;
  const auto name = protocol::parse_topic(what.topic);
  if (!name) {
    refuse(id, protocol::error_code::unknown_topic, name.error().message);
    return;
  }
  if (name->kind != topic_kind::bar && name->kind != topic_kind::trade) {
    refuse(id, protocol::error_code::not_available,
           "history is kept of bars and trades: ask for a topic such as bar.1m.BTCUSDT or trade.BTCUSDT");
    return;
  }
  if (!engine_.history) {
    refuse(id, protocol::error_code::not_available, "this server keeps no history");
    return;
  }
  if (reads_ >= most_reads) {
    refuse(id, protocol::error_code::too_many_requests,
           "too many history commands of this connection are under way: wait for an answer");
    return;
  }
  ++reads_;
  engine_.history->answer(id, what, encoding_, [self = connection_actor(this)](protocol::frame_ptr read) {
    tell(self, history_read{std::move(read)});
  });
}

template <class Command>
void connection::pass_on(std::uint64_t id, std::vector<std::string>&& topics) {
  if (!admitted(id)) return;
  for (const auto& topic : topics)
    if (const auto name = protocol::parse_topic(topic); !name) {
      refuse(id, protocol::error_code::unknown_topic, name.error().message);
      return;
    }
  tell(my_broadcaster(), Command{self_ptr(), this, id, std::move(topics),
                                 std::make_shared<command_passage>(connection_actor(this), id)});
}

connection_hold::connection_hold(connection_actor handle, connection* raw)
    : handle_(std::move(handle)), raw_(raw) {}

connection_hold::connection_hold(connection_hold&& other) noexcept
    : handle_(std::move(other.handle_)), raw_(std::exchange(other.raw_, nullptr)) {}

connection_hold& connection_hold::operator=(connection_hold&& other) noexcept {
  if (this != &other) {
    drop();
    handle_ = std::move(other.handle_);
    raw_ = std::exchange(other.raw_, nullptr);
  }
  return *this;
}

connection_hold::~connection_hold() {
  drop();
}

void connection_hold::receive(std::string&& message) {
  tell(handle_, client_message{std::make_shared<const std::string>(std::move(message))});
}

void connection_hold::drained() {
  tell(handle_, link_drained{});
}

std::optional<connection_hold::sight> connection_hold::look() const {
  if (!raw_) return std::nullopt;
  const auto& mine = raw_->look();
  return sight{mine.id,       mine.who.name,      mine.started_us, raw_->subscriptions,
               raw_->dropped, mine.all_received()};
}

void connection_hold::drop() noexcept {
  if (!raw_) return;
  std::exchange(raw_, nullptr)->unlink();
  end(handle_);
  handle_ = nullptr;
}

}  // namespace tickcast::actors
