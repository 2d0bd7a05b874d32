#include "actors/users/user_agent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "actors/runtime/inspection.hpp"
#include "actors/runtime/log.hpp"
#include "actors/users/errands.hpp"

namespace tickcast::actors {
namespace {

using clock = std::chrono::steady_clock;

/// The longest wait before a message is sent again.
constexpr std::chrono::milliseconds longest_wait{60'000};
constexpr std::int64_t us_per_day = 86'400'000'000;

std::chrono::milliseconds wait_after(std::uint32_t sendings, std::int64_t first_ms) {
  const auto doublings = std::min<std::uint32_t>(sendings - 1, 20);
  return std::min(longest_wait, std::chrono::milliseconds(first_ms) * (1 << doublings));
}

}  // namespace

std::string message_key(std::string_view user, const protocol::message_position& at) {
  return fmt::format("{}{}/{}/{:020}", message_prefix, user, at.epoch, at.seq);
}

std::string_view user_of_key(std::string_view key) noexcept {
  if (!key.starts_with(message_prefix)) return {};
  key.remove_prefix(message_prefix.size());
  // A user's id may hold slashes, epoch and seq do not.
  for (int i = 0; i < 2; ++i) {
    const auto slash = key.rfind('/');
    if (slash == std::string_view::npos) return {};
    key = key.substr(0, slash);
  }
  return key;
}

user_agent::user_agent(caf::actor_config& cfg, engine& parts, std::shared_ptr<user_state> state,
                       user_counters& counters)
    : observed(cfg, parts.probes, {"user agent", state->user, "root/users", "workers"}),
      engine_(parts),
      state_(std::move(state)),
      counters_(counters),
      idle_since_(clock::now()) {}

user_agent::behavior_type user_agent::make_behavior() {
  set_down_handler([this](const caf::down_msg& message) { on_gone(message.source); });
  bump(counters_.agents);
  // After a failure: whoever was there is told of the successor, and gets what waits.
  for (const auto& each : state_->devices) {
    monitor(each->connection);
    tell(caf::actor_cast<connection_actor>(each->connection), user_welcome{caf::strong_actor_ptr{ctrl()}});
  }
  for (auto* each : state_->messages.behind({}))
    if (!state_->devices.empty()) send(*each);
  report();
  look_for_idleness();
  arm();
  return {
      [this](const user_came& who) {
        ++taken_;
        on_came(who.what);
      },
      [this](const user_push& push) {
        ++taken_;
        on_push(*push.what);
      },
      [this](const user_order& order) {
        ++taken_;
        on_order(*order.what);
      },
      [this](const messages_seen& what) { on_seen(what); },
      [this](const user_look&) { on_look(); },
  };
}

void user_agent::on_exit() {
  counters_.agents.fetch_sub(1, std::memory_order_relaxed);
  lines_ = {};
}

void user_agent::describe_to(description& to) {
  to.add("user", std::string_view(state_->user));
  to.add("name", std::string_view(state_->name));
  to.add("connections", state_->devices.size());
  to.add("messages_kept", state_->messages.size());
  to.add("messages_unacknowledged", state_->messages.waiting());
  to.add("given_topics", state_->topics.size());
}

// ---- devices

void user_agent::on_came(const device_ptr& what) {
  auto& devices = state_->devices;
  const auto same = std::find_if(devices.begin(), devices.end(), [&](const device_ptr& each) {
    return each->connection == what->connection;
  });
  const auto connection = caf::actor_cast<connection_actor>(what->connection);
  if (same == devices.end() && devices.size() >= engine_.settings.limits.connections_per_user) {
    bump(counters_.turned_away);
    tell(connection,
         dismissed{static_cast<std::uint16_t>(protocol::close_code::connection_limit), "connection limit"});
    return;
  }
  state_->name = what->who->who().name;
  state_->groups = what->who->who().groups;
  tell(connection, user_welcome{caf::strong_actor_ptr{ctrl()}});
  if (same != devices.end()) {
    *same = what;
  } else {
    devices.push_back(what);
    monitor(what->connection);
    if (!state_->topics.empty())
      tell(connection, device_topics{std::make_shared<const std::vector<std::string>>(state_->topics), true});
    catch_up(*what);
  }
  report();
  arm();
}

void user_agent::on_gone(const caf::actor_addr& who) {
  const auto gone = std::erase_if(state_->devices,
                                  [&](const device_ptr& each) { return each->connection->address() == who; });
  if (gone == 0) return;
  report();
  if (state_->devices.empty()) idle_since_ = clock::now();
  arm();
}

void user_agent::catch_up(const device& to) {
  auto& mine = state_->messages;
  if (const auto days = engine_.settings.store.retention.user; days != 0)
    let_go(mine.expire(wall_us() - days * us_per_day));
  if (const auto [from, until] = mine.missing(to.seen); from != 0)
    tell(caf::actor_cast<connection_actor>(to.connection),
         to_client{protocol::encode_gap(to.encoding, "user." + state_->user, from, until, until - from + 1),
                   true});
  for (auto* each : mine.behind(to.seen)) send(*each, &to);
}

template <class Message>
void user_agent::tell_devices(const Message& what) {
  for (const auto& each : state_->devices)
    tell(caf::actor_cast<connection_actor>(each->connection), Message(what));
}

// ---- messages

void user_agent::on_push(const push_parcel& what) {
  bump(counters_.messages);
  const auto connections = state_->devices.size();
  if (!what.what->keep) {
    bump(counters_.delivered, send_frame(what.what->kind, what.what->data, nullptr, nullptr));
    if (what.back) what.back->answer({connections, {}});
    return;
  }
  auto& mine = state_->messages;
  auto& made = mine.add(what.what->kind, what.what->data, wall_us());
  std::function<void(bool)> then;
  if (what.back)
    then = [back = what.back, became = push_done{connections, made.at}](bool well) {
      if (well) return back->answer(became);
      back->reject(protocol::error_code::internal,
                   "the message was sent to who is there, and could not be stored: try again");
    };
  keep(made, std::move(then));
  if (connections > 0) send(made);
  let_go(mine.trim(engine_.settings.users.messages));
  report();
  arm();
}

void user_agent::send(kept_message& message, const device* to) {
  const auto sent = send_frame(message.kind, message.data, &message.at, to);
  bump(message.sendings == 0 ? counters_.delivered : counters_.resent, sent);
  ++message.sendings;
  message.due = clock::now() + wait_after(message.sendings, engine_.settings.users.resend_ms);
}

std::uint64_t user_agent::send_frame(std::string_view kind, std::string_view data,
                                     const protocol::message_position* at, const device* to) {
  std::array<protocol::frame_ptr, protocol::encoding_count> frames;
  std::uint64_t sent = 0;
  for (const auto& each : state_->devices) {
    if (to && each.get() != to) continue;
    auto& frame = frames[protocol::index(each->encoding)];
    if (!frame) frame = protocol::encode_message(each->encoding, kind, data, at);
    tell(caf::actor_cast<connection_actor>(each->connection), to_client{frame});
    ++sent;
  }
  bump(own_probe().sent, sent);
  return sent;
}

void user_agent::on_seen(const messages_seen& what) {
  bool any = false;
  for (const auto seq : what.seqs)
    if (const auto* known = state_->messages.acknowledge(what.epoch, seq)) {
      bump(counters_.acknowledged);
      forget(*known);
      any = true;
    }
  if (!any) return;
  report();
  arm();
}

void user_agent::keep(const kept_message& message, std::function<void(bool)> then) {
  if (!engine_.keep.history) {
    if (then) then(true);
    return;
  }
  engine_.routes.refresh(lines_);
  tell(lines_.storage,
       keep_message{message_key(state_->user, message.at), message.to_bytes(), std::move(then)});
}

void user_agent::forget(const kept_message& message) {
  if (!engine_.keep.history) return;
  engine_.routes.refresh(lines_);
  tell(lines_.storage, keep_message{message_key(state_->user, message.at), {}});
}

void user_agent::let_go(std::vector<kept_message>&& gone) {
  for (const auto& each : gone) {
    if (each.acknowledged) continue;
    bump(counters_.pushed_out);
    forget(each);
  }
}

// ---- commands

void user_agent::on_order(service_errand& order) {
  auto reply = nlohmann::json{{"connections", state_->devices.size()}}.dump();
  if (const auto* topics = std::get_if<protocol::subscribe_user_command>(&order.what)) {
    auto& mine = state_->topics;
    for (const auto& each : topics->topics) {
      std::erase(mine, each);
      if (topics->begins) mine.push_back(each);
    }
    if (mine.size() > engine_.settings.limits.topics_per_client) {
      for (const auto& each : topics->topics) std::erase(mine, each);
      return order.reject(protocol::error_code::limit_exceeded,
                          "more topics than limits.topics_per_client allows a connection");
    }
    tell_devices(
        device_topics{std::make_shared<const std::vector<std::string>>(topics->topics), topics->begins});
  } else if (const auto* farewell = std::get_if<protocol::disconnect_user_command>(&order.what)) {
    tell_devices(dismissed{farewell->code, farewell->reason.empty() ? "disconnected" : farewell->reason});
  } else if (std::holds_alternative<protocol::refresh_user_command>(order.what)) {
    tell_devices(look_again{});
  }
  order.answer(std::move(reply));
}

// ---- time

void user_agent::on_look() {
  armed_.reset();
  if (!state_->devices.empty())
    for (auto* each : state_->messages.due(clock::now())) send(*each);
  look_for_idleness();
  arm();
}

void user_agent::arm() {
  auto next = state_->devices.empty() ? clock::time_point::max() : state_->messages.next_due();
  if (state_->devices.empty())
    next = std::max(clock::now(), idle_since_) + std::chrono::milliseconds(engine_.settings.users.linger_ms);
  if (next == clock::time_point::max() || (armed_ && *armed_ <= next)) return;
  armed_ = next;
  // Never in one turn with what made it due.
  delayed_send(this, std::max<clock::duration>(next - clock::now(), std::chrono::milliseconds(1)),
               user_look{});
}

void user_agent::look_for_idleness() {
  const auto linger = std::chrono::milliseconds(engine_.settings.users.linger_ms);
  if (state_->devices.empty() && clock::now() - idle_since_ >= linger) report(true);
}

void user_agent::report(bool idle) {
  auto now = std::make_shared<user_sight>();
  now->user = state_->user;
  now->name = state_->name;
  now->groups = state_->groups;
  now->connections = state_->devices.size();
  for (const auto& each : state_->devices)
    if (now->since_us == 0 || each->since_us < now->since_us) now->since_us = each->since_us;
  now->messages = state_->messages.waiting();
  engine_.routes.refresh(lines_);
  tell(lines_.users, user_report{std::move(now), taken_, idle});
}

}  // namespace tickcast::actors
