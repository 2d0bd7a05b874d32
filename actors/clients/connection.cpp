#include "actors/clients/connection.hpp"

#include <algorithm>

#include "actors/clients/gatekeeper.hpp"

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
                       connection_counters& counters, shard_clients& all, client_link& link,
                       client_info&& info)
    : hosted(cfg, where, parts.probes,
             {"connection", std::move(info.remote), "root/shards/" + where.name(), where.name()}),
      engine_(parts),
      link_(&link),
      counters_(counters),
      all_(all),
      refilled_(where.now()),
      tokens_(parts.settings.limits.commands_per_s),
      bytes_left_(parts.settings.limits.bytes_per_s),
      shard_(shard),
      encoding_(info.encoding),
      standing_(parts.nobody),
      opened_(where.now()) {
  bump(counters_.opened);
  all_.add(*this);
  if (info.shown) {
    passport_ = std::make_unique<passport>();
    passport_->shown = std::move(info.shown);
  }
}

connection::behavior_type connection::make_behavior() {
  if (passport_) ask(passport::step::handshake, passport_->shown, false);
  return {
      [this](const client_message& message) { on_message(*message.text); },
      [this](const link_drained&) {
        tell(my_broadcaster(), client_drained{self_ptr(), this});
      },
      [this](const command_lost& command) {
        if (command.id == 0) return;
        refuse(command.id, protocol::error_code::internal,
               "a part of the server is just being restarted: send the command again");
      },
      [this](const history_read& read) {
        --reads_;
        answer(read.answer);
      },
      [this](const judged& what) { on_judged(what); },
      [this](const user_welcome& from) { on_welcome(from); },
      [this](const to_client& what) { on_to_client(what); },
      [this](const device_topics& what) { on_topics(what); },
      [this](const dismissed& why) { on_dismissed(why); },
      [this](const look_again&) { on_look_again(); },
      [this](const call_ended& what) { on_call_ended(what); },
  };
}

void connection::describe_to(description& to) {
  to.add("encoding", encoding_ == protocol::encoding::json ? "json" : "msgpack");
  to.add("connected", connected_);
  const auto& who = standing_->who();
  to.add("user", std::string_view(who.user));
  to.add("name", std::string_view(who.name));
  to.add("signed_in_by", access::to_string(who.by));
  if (passport_ && passport_->expires_us != 0) to.add("expires_us", passport_->expires_us);
  to.add("subscribed", seat != no_seat);
  to.add("queued_bytes", link_ ? link_->queued_bytes() : 0);
  to.add("commands_left_this_second", tokens_);
  if (side_) {
    to.add("has_agent", static_cast<bool>(side_->agent));
    to.add("open_calls", side_->calls);
  }
}

void connection::on_exit() {
  bump(counters_.ended);
  all_.remove(*this);
  if (seat != no_seat) tell(my_broadcaster(), client_left{self_ptr(), this});
  broadcaster_ = nullptr;
  if (side_) side_->agent = nullptr;
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

void connection::refill() {
  const auto& limits = engine_.settings.limits;
  const auto now = where().now();
  const auto passed = std::chrono::duration<double>(now - std::exchange(refilled_, now)).count();
  tokens_ = std::min<double>(limits.commands_per_s, tokens_ + limits.commands_per_s * passed);
  bytes_left_ = std::min<double>(limits.bytes_per_s, bytes_left_ + limits.bytes_per_s * passed);
}

bool connection::within_rate() {
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

void connection::on_message(const std::string& text) {
  bump(counters_.commands);
  refill();
  if (engine_.settings.limits.bytes_per_s != 0 && (bytes_left_ -= static_cast<double>(text.size())) < 0) {
    bytes_left_ = std::max<double>(bytes_left_, -static_cast<double>(engine_.settings.limits.bytes_per_s));
    return refuse(
        0, protocol::error_code::too_many_requests,
        "more bytes a second than limits.bytes_per_s allows a connection: this message was not read");
  }
  if (!passport_ || !passport_->judging()) return take(text);
  if (passport_->held.size() < most_held) {
    passport_->held.push_back(text);
    return;
  }
  refuse(0, protocol::error_code::too_many_requests,
         "too many commands came before the sign-in was judged: wait for the reply to connect");
}

void connection::take(const std::string& text) {
  if (turned_away_) return;
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
  std::visit(overloaded{
                 [&](const protocol::connect_command& what) { on_connect(id, what); },
                 [&](protocol::subscribe_command& what) { on_subscribe(id, what); },
                 [&](protocol::unsubscribe_command& what) { on_unsubscribe(id, what); },
                 [&](const protocol::history_command& what) { on_history(id, what); },
                 [&](const protocol::ping_command&) { answer(protocol::encode_reply(encoding_, id)); },
                 [](const protocol::pong_command&) {},
                 [&](const protocol::refresh_command& what) { on_refresh(id, what); },
                 [&](const protocol::client_publish_command& what) { on_publish(id, what); },
                 [&](const protocol::presence_command& what) { on_presence(id, what); },
                 [&](protocol::ack_command& what) { on_ack(id, std::move(what)); },
                 [&](protocol::call_command& what) { on_call(id, std::move(what)); },
             },
             decoded->what);
}

bool connection::admitted(std::uint64_t id) {
  if (connected_ || engine_.settings.auth.anonymous || standing_->who().signed_in()) return true;
  refuse(id, protocol::error_code::unauthorized, "send connect first");
  return false;
}

}  // namespace tickcast::actors
