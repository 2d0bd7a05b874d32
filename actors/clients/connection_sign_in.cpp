#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/clients/connection.hpp"
#include "actors/clients/gatekeeper.hpp"
#include "actors/runtime/inspection.hpp"

namespace tickcast::actors {
namespace {

using protocol::close_code;
using protocol::error_code;

/// Clocks count nanoseconds: farther ends are as good as none.
constexpr std::int64_t farthest_us = 100LL * 365 * 86'400 * 1'000'000;

error_code code_for(access::reason why) {
  if (why == access::reason::expired) return error_code::token_expired;
  if (why == access::reason::overloaded) return error_code::too_many_requests;
  return access::is_temporary(why) ? error_code::internal : error_code::unauthorized;
}

bool is_session_alone(const access::credentials& shown) {
  return shown.token.empty() && shown.api_key.empty() && shown.gateway_user.empty();
}

/// What lies elsewhere and may end before its time.
bool is_looked_at_again(access::proof by) {
  return by == access::proof::session || by == access::proof::callback || by == access::proof::api_key;
}

}  // namespace

void connection::on_connect(std::uint64_t id, const protocol::connect_command& what) {
  if (connected_) {
    refuse(id, error_code::bad_request, "this connection has already sent connect");
    return;
  }
  if (what.messages) side().seen = what.messages;
  if (!what.token.empty() || !what.api_key.empty()) {
    auto shown = std::make_shared<access::credentials>();
    shown->token = what.token;
    shown->api_key = what.api_key;
    if (!passport_) passport_ = std::make_unique<passport>();
    passport_->command_id = id;
    return ask(passport::step::connect, std::move(shown), false);
  }
  if (!engine_.settings.auth.anonymous && !standing_->who().signed_in()) {
    refuse(id, error_code::unauthorized, "this server admits nobody without signing in");
    return turn_away(close_code::invalid_token);
  }
  greet(id);
}

void connection::greet(std::uint64_t id) {
  connected_ = true;
  protocol::connect_result result;
  result.client = client_name();
  result.user = standing_->who().user;
  result.name = standing_->who().name;
  result.expires_us = passport_ ? passport_->expires_us : 0;
  result.ping_ms = engine_.settings.listen.ping_ms;
  result.version = TICKCAST_VERSION;
  answer(protocol::encode_connect_reply(encoding_, id, result));
  announce();
}

void connection::on_refresh(std::uint64_t id, const protocol::refresh_command& what) {
  if (standing_->who().by != access::proof::token) {
    refuse(id, error_code::bad_request, "only a client that signed in by a token can refresh it");
    return;
  }
  if (passport_->asking == passport::step::refresh) {
    refuse(id, error_code::too_many_requests, "a refresh is under way: wait for its answer");
    return;
  }
  auto shown = std::make_shared<access::credentials>();
  shown->token = what.token;
  passport_->command_id = id;
  ask(passport::step::refresh, std::move(shown), false);
}

void connection::ask(passport::step why, std::shared_ptr<const access::credentials> shown, bool anew) {
  auto& mine = *passport_;
  mine.asking = why;
  const auto ticket = ++mine.ticket;
  if (why != passport::step::look) mine.shown = shown;
  if (!engine_.routes.gatekeeper() && !engine_.can_sign_in) {
    const auto none = std::make_shared<const access::verdict>(
        access::refuse(access::reason::not_taken, "this server takes no tokens: leave `token` out"));
    tell(connection_actor(this), judged{ticket, none});
    return;
  }
  ask_gatekeeper(engine_, std::move(shown), anew,
                 [self = connection_actor(this), ticket](access::verdict is) {
                   tell(self, judged{ticket, std::make_shared<const access::verdict>(std::move(is))});
                 });
}

void connection::on_judged(const judged& what) {
  if (!passport_ || what.ticket != passport_->ticket || turned_away_) return;
  const auto step = std::exchange(passport_->asking, passport::step::none);
  const auto& verdict = *what.verdict;
  if (!verdict) return on_refused(verdict.error(), step);
  const auto& who = *verdict;
  if (step == passport::step::refresh && who.user != standing_->who().user)
    return on_refused({access::reason::another_user,
                       "the new token is of another user: close this connection and open one for them"},
                      step);
  if (step == passport::step::look && who.user != standing_->who().user)
    return turn_away(close_code::signed_out);
  note_identity(who);
  if (turned_away_) return;
  if (step == passport::step::connect) greet(passport_->command_id);
  if (step == passport::step::refresh)
    answer(protocol::encode_refresh_reply(encoding_, passport_->command_id, passport_->expires_us));
  take_held();
}

void connection::note_identity(const access::identity& who) {
  auto& mine = *passport_;
  const auto now = where().now();
  mine.warned = false;
  mine.expires_us = who.expires_us;
  mine.expires = host::clock::time_point::max();
  mine.next_look = host::clock::time_point::max();
  if (who.expires_us != 0)
    mine.expires = now + std::chrono::microseconds(std::min(who.expires_us - wall_us(), farthest_us));
  if (is_looked_at_again(who.by))
    mine.next_look = now + std::chrono::milliseconds(engine_.settings.auth.recheck_ms);
  auto next = who.signed_in() ? engine_.rules->standing_of(who) : engine_.nobody;
  const bool loses = has_subscribed_ && standing_->who().signed_in() && !next->same_rights(*standing_);
  // The agent of who it was before would go on sending here.
  if (side_ && side_->announced && next->who().user != standing_->who().user)
    return turn_away(close_code::server_error);
  standing_ = std::move(next);
  if (side_ && side_->announced) announce();
  // What was subscribed under other rights is not taken away topic by topic: the client comes again.
  if (loses) turn_away(close_code::server_error);
}

void connection::on_refused(const access::refusal& why, passport::step step) {
  const auto code = code_for(why.why);
  switch (step) {
    case passport::step::look:
      // While nobody can say, what was right stays so until its own end.
      if (access::is_temporary(why.why)) {
        passport_->next_look = where().now() + std::chrono::milliseconds(engine_.settings.auth.recheck_ms);
        return;
      }
      return turn_away(close_code::signed_out);
    case passport::step::refresh:
      return refuse(passport_->command_id, code, why.message);
    case passport::step::handshake:
      // A browser sends its cookies unasked: who has no session may still sign in by `connect`.
      if (is_session_alone(*passport_->shown) && !access::is_temporary(why.why)) return take_held();
      counters_.count_error(code);
      answer(protocol::encode_error(encoding_, 0, code, why.message));
      break;
    default:
      refuse(passport_->command_id, code, why.message);
  }
  if (access::is_temporary(why.why)) return turn_away(close_code::server_error);
  turn_away(why.why == access::reason::expired ? close_code::expired : close_code::invalid_token);
}

void connection::turn_away(close_code code) {
  turned_away_ = true;
  if (passport_) passport_->held.clear();
  if (link_) link_->close(code);
}

void connection::take_held() {
  const auto held = std::exchange(passport_->held, {});
  for (std::size_t i = 0; i < held.size(); ++i) {
    // A connect among them may have to be judged itself.
    if (passport_->judging())
      passport_->held.push_back(held[i]);
    else
      take(held[i]);
  }
}

void connection::pass_time() {
  if (turned_away_) return;
  const auto now = where().now();
  const auto& auth = engine_.settings.auth;
  const bool may_stay =
      auth.anonymous || connected_ || standing_->who().signed_in() || (passport_ && passport_->judging());
  if (!may_stay && now - opened_ >= std::chrono::milliseconds(engine_.settings.listen.handshake_ms))
    return turn_away(close_code::not_signed_in);
  if (!passport_) return;
  announce_if_due();
  auto& mine = *passport_;
  if (now >= mine.expires) return turn_away(close_code::expired);
  if (!mine.warned && mine.expires != host::clock::time_point::max() &&
      now >= mine.expires - std::chrono::milliseconds(auth.warn_ms)) {
    mine.warned = true;
    answer(protocol::encode_expiring(encoding_, mine.expires_us));
  }
  if (now >= mine.next_look && mine.asking == passport::step::none)
    ask(passport::step::look, mine.shown, true);
}

}  // namespace tickcast::actors
