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
                       connection_counters& counters, client_link& link, client_info&& info)
    : hosted(cfg, where, parts.probes,
             {"connection", std::move(info.remote), "root/shards/" + where.name(), where.name()}),
      engine_(parts),
      link_(&link),
      counters_(counters),
      refilled_(where.now()),
      tokens_(parts.settings.limits.commands_per_s),
      shard_(shard),
      encoding_(info.encoding),
      standing_(parts.nobody),
      opened_(where.now()) {
  bump(counters_.opened);
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
        refuse(command.id, protocol::error_code::internal,
               "a part of the server is just being restarted: send the command again");
      },
      [this](const history_read& read) {
        --reads_;
        answer(read.answer);
      },
      [this](const judged& what) { on_judged(what); },
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
             },
             decoded->what);
}

bool connection::admitted(std::uint64_t id) {
  if (connected_ || engine_.settings.auth.anonymous || standing_->who().signed_in()) return true;
  refuse(id, protocol::error_code::unauthorized, "send connect first");
  return false;
}

}  // namespace tickcast::actors
