#include "actors/users/user_manager.hpp"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "actors/runtime/inspection.hpp"
#include "actors/runtime/log.hpp"
#include "actors/users/user_agent.hpp"

namespace tickcast::actors {
namespace {

using protocol::error_code;

constexpr std::chrono::minutes sweep_every{10};
constexpr std::int64_t us_per_day = 86'400'000'000;

/// Gathers what became of a push to several users into one answer.
class push_tally {
public:
  explicit push_tally(std::shared_ptr<service_errand> back) : back_(std::move(back)) {}
  push_tally(const push_tally&) = delete;
  push_tally& operator=(const push_tally&) = delete;
  /// The last user's errand has ended.
  ~push_tally() {
    if (failure_ && users_ == 0) {
      back_->reject(failure_->code, failure_->message);
      return;
    }
    nlohmann::json reply{{"users", users_}, {"connections", connections_}};
    // Who repeats all of it for these doubles it for the others.
    if (failed_ > 0) reply["failed"] = failed_;
    if (users_ == 1 && at_.seq != 0) {
      reply["epoch"] = at_.epoch;
      reply["seq"] = at_.seq;
    }
    back_->answer(reply.dump());
  }

  void add(const errand<push_done>::result& one) {
    const std::lock_guard guard{mutex_};
    if (!one) {
      failure_ = one.error();
      ++failed_;
      return;
    }
    ++users_;
    connections_ += one->connections;
    at_ = one->at;
  }

private:
  std::shared_ptr<service_errand> back_;
  std::mutex mutex_;
  std::uint64_t users_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t connections_ = 0;
  protocol::message_position at_;
  std::optional<rejection> failure_;
};

}  // namespace

user_manager::user_manager(caf::actor_config& cfg, engine& parts, user_table& table, user_counters& counters)
    : observed(cfg, parts.probes, {"user manager", "user manager", "root/users", "workers"}),
      engine_(parts),
      table_(table),
      counters_(counters) {}

user_manager::behavior_type user_manager::make_behavior() {
  set_down_handler([this](const caf::down_msg& message) { on_ended(message); });
  // What an earlier manager left: its agents live on, and whom they report to now they are told by being
  // monitored and sent to; those that ended meanwhile are found so, too.
  for (auto& [user, each] : table_.users) {
    if (each.now.connections > 0) ++online_;
    if (!each.agent) continue;
    by_agent_.emplace(each.agent.id(), user);
    monitor(each.agent);
  }
  count();
  delayed_send(this, sweep_every, user_sweep{});
  return {
      [this](const user_came& who) { on_came(who); },
      [this](const service_order& order) { on_order(order.what, nullptr); },
      [this](const order_batch& batch) { on_batch(batch); },
      [this](const ask_users& what) { on_ask(what); },
      [this](const user_report& what) { on_report(what); },
      [this](const user_sweep&) { sweep(); },
  };
}

void user_manager::on_exit() {
  lines_ = {};
}

void user_manager::describe_to(description& to) {
  to.add("users_known", table_.users.size());
  to.add("users_online", online_);
  to.add("agents", by_agent_.size());
  to.add("groups", table_.groups.size());
}

void user_manager::count() {
  counters_.known.store(table_.users.size(), std::memory_order_relaxed);
  counters_.online.store(online_, std::memory_order_relaxed);
}

// ---- users and their agents

user_entry* user_manager::find(std::string_view user) {
  const auto found = table_.users.find(user);
  return found == table_.users.end() ? nullptr : &found->second;
}

user_entry* user_manager::entry_of(const std::string& user) {
  if (auto* found = find(user)) return found;
  if (table_.users.size() >= engine_.settings.users.known) return nullptr;
  auto& made = table_.users[user];
  made.state = std::make_shared<user_state>(user);
  made.now.user = user;
  count();
  return &made;
}

template <class Message>
bool user_manager::send(user_entry& to, const Message& what) {
  if (to.ending) {
    to.waiting.push_back([what](const user_agent_actor& agent) { tell(agent, Message(what)); });
    return true;
  }
  if (!to.agent) {
    if (std::chrono::steady_clock::now() < to.left_alone_until) return false;
    start_agent(to);
  }
  ++to.sent;
  bump(own_probe().sent);
  tell(to.agent, Message(what));
  return true;
}

void user_manager::start_agent(user_entry& of) {
  of.sent = 0;
  of.ending = false;
  of.agent = spawn<user_agent>(std::ref(engine_), of.state, std::ref(counters_));
  by_agent_.emplace(of.agent.id(), of.state->user);
  monitor(of.agent);
}

void user_manager::on_came(const user_came& who) {
  auto* to = entry_of(who.what->who->who().user);
  if (to && send(*to, who)) return;
  tell(caf::actor_cast<connection_actor>(who.what->connection),
       dismissed{static_cast<std::uint16_t>(protocol::close_code::server_error), "server error"});
}

void user_manager::on_ended(const caf::down_msg& message) {
  const auto found = by_agent_.find(message.source.id());
  if (found == by_agent_.end()) return;
  const auto user = found->second;
  by_agent_.erase(found);
  auto& of = *find(user);
  of.agent = nullptr;
  if (std::exchange(of.ending, false)) {
    if (!of.waiting.empty()) {
      start_agent(of);
      for (const auto& each : std::exchange(of.waiting, {})) {
        ++of.sent;
        each(of.agent);
      }
    } else if (of.state->messages.waiting() == 0) {
      forget(user);
    }
    return;
  }
  bump(counters_.agent_failures);
  const auto record = probes().restarts.begin("root/users", user, describe(message.reason));
  if (of.budget.spend(std::chrono::steady_clock::now())) {
    start_agent(of);
    probes().restarts.complete(record, restart_record::outcome::restarted, 0);
    return;
  }
  of.left_alone_until = std::chrono::steady_clock::now() + quarantine_time;
  of.budget.reset();
  // Its connections come again, and find another agent then.
  for (const auto& each : of.state->devices)
    tell(caf::actor_cast<connection_actor>(each->connection),
         dismissed{static_cast<std::uint16_t>(protocol::close_code::server_error), "server error"});
  of.state->devices.clear();
  user_sight gone;
  gone.user = user;
  if (of.now.connections > 0) --online_;
  enter_groups(of.now, gone);
  of.now = gone;
  count();
  log(component::clients)
      .error("the agent of user {} keeps failing: left alone for {} s", user, quarantine_time.count());
}

void user_manager::sweep() {
  delayed_send(this, sweep_every, user_sweep{});
  const auto days = engine_.settings.store.retention.user;
  if (days == 0) return;
  const auto oldest = wall_us() - days * us_per_day;
  engine_.routes.refresh(lines_);
  std::vector<std::string> empty;
  for (auto& [user, each] : table_.users) {
    // Of whom an agent cares, it cares for their messages, too.
    if (each.agent || each.ending) continue;
    for (const auto& gone : each.state->messages.expire(oldest)) {
      if (gone.acknowledged) continue;
      bump(counters_.pushed_out);
      if (engine_.keep.history) tell(lines_.storage, keep_message{message_key(user, gone.at), {}});
    }
    if (each.state->messages.waiting() == 0) empty.push_back(user);
  }
  for (const auto& user : empty) forget(user);
}

void user_manager::forget(const std::string& user) {
  auto& of = *find(user);
  user_sight nobody;
  enter_groups(of.now, nobody);
  table_.users.erase(table_.users.find(user));
  count();
}

void user_manager::on_report(const user_report& what) {
  auto* of = find(what.now->user);
  if (!of || !of->agent || of->ending) return;
  const bool was = of->now.connections > 0;
  const bool is = what.now->connections > 0;
  if (was != is) online_ += is ? 1 : static_cast<std::uint64_t>(-1);
  enter_groups(of->now, *what.now);
  of->now = *what.now;
  count();
  // Nothing of ours is on its way to it, so that nothing is lost when it ends.
  if (what.idle && what.taken == of->sent) {
    of->ending = true;
    end(of->agent);
  }
}

void user_manager::enter_groups(const user_sight& before, const user_sight& now) {
  if (before.groups == now.groups) return;
  for (const auto& each : before.groups) {
    auto& members = table_.groups[each];
    members.erase(before.user);
    if (members.empty()) table_.groups.erase(each);
  }
  for (const auto& each : now.groups) table_.groups[each].insert(now.user);
}

// ---- backends

void user_manager::on_batch(const order_batch& batch) {
  std::size_t taken = 0;
  for (const auto& each : batch.orders->items) {
    batch.orders->took(++taken);
    auto errand = std::make_shared<service_errand>(each, [this_counter = &counters_](const auto& how) {
      if (!how) bump(this_counter->commands_refused);
    });
    on_order(errand, batch.credit);
  }
}

void user_manager::on_order(const std::shared_ptr<service_errand>& order,
                            const std::shared_ptr<const void>& credit) {
  bump(counters_.commands);
  if (const auto* message = std::get_if<protocol::push_command>(&order->what))
    return push(order, *message, credit);
  std::string user;
  bool makes = false;
  if (const auto* topics = std::get_if<protocol::subscribe_user_command>(&order->what)) {
    user = topics->user;
    makes = topics->begins;
  } else if (const auto* farewell = std::get_if<protocol::disconnect_user_command>(&order->what)) {
    user = farewell->user;
  } else if (const auto* look = std::get_if<protocol::refresh_user_command>(&order->what)) {
    user = look->user;
  } else {
    return order->reject(error_code::internal, "this command is not about users");
  }
  auto* to = makes ? entry_of(user) : find(user);
  if (!to && makes)
    return order->reject(error_code::limit_exceeded, "there are as many users as users.known allows");
  if (!to) return order->answer(R"({"connections":0})");
  if (!send(*to, user_order{order}))
    order->reject(error_code::internal, "the agent of this user keeps failing: try again in a minute");
}

void user_manager::push(const std::shared_ptr<service_errand>& order, const protocol::push_command& what,
                        const std::shared_ptr<const void>& credit) {
  if (what.data.size() > engine_.settings.users.message_bytes)
    return order->reject(error_code::bad_request, "the message is larger than users.message_bytes allows");
  if (const auto* users = std::get_if<protocol::to_users>(&what.to))
    return push_to(users->ids, order, what, credit);
  if (const auto* group = std::get_if<protocol::to_group>(&what.to)) {
    const auto found = table_.groups.find(group->name);
    const auto members = found == table_.groups.end()
                             ? std::vector<std::string>{}
                             : std::vector<std::string>{found->second.begin(), found->second.end()};
    return push_to(members, order, what, credit);
  }
  announce(what);
  order->answer("{}");
}

void user_manager::push_to(const std::vector<std::string>& users,
                           const std::shared_ptr<service_errand>& order, const protocol::push_command& what,
                           const std::shared_ptr<const void>& credit) {
  const auto tally = std::make_shared<push_tally>(order);
  const auto shared = std::make_shared<const protocol::push_command>(what);
  for (const auto& user : users) {
    // A message that nobody keeps is nothing to somebody who is not there.
    auto* to = what.keep ? entry_of(user) : find(user);
    if (!to) {
      if (what.keep)
        tally->add(tl::unexpected(
            rejection{error_code::limit_exceeded, "there are as many users as users.known allows"}));
      continue;
    }
    const auto back = std::make_shared<errand<push_done>>(
        [tally](const errand<push_done>::result& one) { tally->add(one); });
    if (!send(*to, user_push{std::make_shared<push_parcel>(push_parcel{shared, back, credit})}))
      back->reject(error_code::internal, "the agent of this user keeps failing: try again in a minute");
  }
}

void user_manager::announce(const protocol::push_command& what) {
  auto frames = std::make_shared<std::array<protocol::frame_ptr, protocol::encoding_count>>();
  for (std::size_t i = 0; i < protocol::encoding_count; ++i)
    (*frames)[i] =
        protocol::encode_message(static_cast<protocol::encoding>(i), what.kind, what.data, nullptr);
  engine_.routes.refresh(lines_);
  for (const auto& each : lines_.broadcasters) tell(each, announcement{frames});
}

void user_manager::on_ask(const ask_users& what) const {
  ask_users::answer_text found;
  found.online = online_;
  const auto add = [&](const std::string& user, const user_entry* of) {
    user_sight none;
    none.user = user;
    found.users.push_back(of ? of->now : none);
  };
  const auto known = [&](const std::string& user) {
    const auto at = table_.users.find(user);
    return at == table_.users.end() ? nullptr : &at->second;
  };
  if (!what.users.empty()) {
    for (const auto& user : what.users) add(user, known(user));
    return what.answer(std::move(found));
  }
  const auto take = [&](const std::string& user, const user_entry* of) {
    if (!of || of->now.connections == 0) return true;
    found.more = found.users.size() == what.limit;
    if (!found.more) add(user, of);
    return !found.more;
  };
  if (what.group.empty()) {
    for (auto at = table_.users.upper_bound(what.after); at != table_.users.end(); ++at)
      if (!take(at->first, &at->second)) break;
  } else if (const auto members = table_.groups.find(what.group); members != table_.groups.end()) {
    for (auto at = members->second.upper_bound(what.after); at != members->second.end(); ++at)
      if (!take(*at, known(*at))) break;
  }
  what.answer(std::move(found));
}

}  // namespace tickcast::actors
