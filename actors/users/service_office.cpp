#include "actors/users/service_office.hpp"

#include <utility>

namespace tickcast::actors {
namespace {

using nlohmann::json;
using protocol::error_code;

constexpr std::size_t default_users = 100;
constexpr std::size_t most_users = 1000;

tl::unexpected<rejection> reject(error_code code, std::string why) {
  return tl::unexpected(rejection{code, std::move(why)});
}

json to_json(const user_sight& of, bool with_state) {
  json line{{"user", of.user}, {"connections", of.connections}};
  if (with_state) line["online"] = of.connections > 0;
  if (of.connections > 0) {
    line["name"] = of.name;
    line["groups"] = of.groups;
    line["since"] = of.since_us;
  }
  return line;
}

/// A user's id as backends give it: a number or a text.
std::optional<std::string> user_id(const json& given) {
  if (given.is_number_integer()) return given.dump();
  if (given.is_string() && !given.get_ref<const std::string&>().empty()) return given.get<std::string>();
  return std::nullopt;
}

}  // namespace

void service_office::carry_out(protocol::service_command&& what, const std::string& key,
                               std::string_view content, taker done) {
  if (key.empty()) return start(std::move(what), std::move(done));
  if (is_repeat(key, std::hash<std::string_view>{}(content), done)) return;
  start(std::move(what), [this, key](const result& how) { remember(key, how); });
}

bool service_office::is_repeat(const std::string& key, std::size_t content, taker& done) {
  std::unique_lock guard{mutex_};
  forget_old();
  if (by_key_.size() >= engine_.settings.service.idempotency_keys && !by_key_.contains(key)) {
    guard.unlock();
    done(reject(error_code::too_many_requests,
                "as many commands with idempotency keys as service.idempotency_keys allows are under way"));
    return true;
  }
  const auto [at, is_new] = by_key_.try_emplace(key);
  auto& mine = at->second;
  if (is_new) {
    mine.content = content;
    mine.since = std::chrono::steady_clock::now();
    mine.waiting.push_back(std::move(done));
    order_.emplace_back(mine.since, key);
    return false;
  }
  if (mine.content != content) {
    guard.unlock();
    bump(conflicts_);
    done(reject(error_code::conflict, "this idempotency key came before with another type or other data"));
    return true;
  }
  bump(repeats_);
  if (!mine.answer) {
    mine.waiting.push_back(std::move(done));
    return true;
  }
  const auto answer = *mine.answer;
  guard.unlock();
  done(answer);
  return true;
}

void service_office::remember(const std::string& key, const result& how) {
  std::vector<taker> waiting;
  {
    const std::lock_guard guard{mutex_};
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    waiting = std::exchange(found->second.waiting, {});
    // What may go well when it is tried again must be tried again.
    if (!how && protocol::is_temporary(how.error().code))
      by_key_.erase(found);
    else
      found->second.answer = how;
  }
  for (const auto& each : waiting) each(how);
}

void service_office::forget_old() {
  const auto& limits = engine_.settings.service;
  const auto oldest = std::chrono::steady_clock::now() - std::chrono::milliseconds(limits.idempotency_ms);
  // Each call takes a few steps: more than one key comes with.
  for (int step = 0; step < 8 && !order_.empty(); ++step) {
    const auto found = by_key_.find(order_.front().second);
    // One that was forgotten and came again stands further behind.
    const bool is_its = found != by_key_.end() && found->second.since == order_.front().first;
    if (is_its && order_.front().first >= oldest && by_key_.size() < limits.idempotency_keys) break;
    auto oldest_key = std::move(order_.front());
    order_.pop_front();
    if (!is_its) continue;
    // Who still waits is not forgotten.
    if (found->second.answer)
      by_key_.erase(found);
    else
      order_.push_back(std::move(oldest_key));
  }
}

void service_office::start(protocol::service_command&& what, taker done) {
  if (auto* message = std::get_if<protocol::publish_command>(&what)) {
    auto back = std::make_shared<publish_errand>([done = std::move(done)](const publish_errand::result& how) {
      if (!how) return done(tl::unexpected(how.error()));
      done(json{{"topic", how->topic}, {"epoch", how->epoch}, {"seq", how->seq}}.dump());
    });
    tell(engine_.routes.directory(),
         publish_order{std::move(message->topic), std::move(message->data), 0, std::move(back)});
    return;
  }
  tell(engine_.routes.users(),
       service_order{std::make_shared<service_errand>(std::move(what), std::move(done))});
}

void service_office::ask(std::string_view type, const json& data, taker done) {
  if (type == "users") return list_users(data, std::move(done));
  ask_about(data, std::move(done));
}

void service_office::ask_topic(const json& topic, taker done) {
  if (!topic.is_string() || !engine_.classes.of(topic.get_ref<const std::string&>()).presence)
    return done(
        reject(error_code::not_available, "presence is kept of topics whose class has it: [[topic_class]]"));
  auto name = topic.get<std::string>();
  const auto back = std::make_shared<errand<std::string>>(std::move(done));
  const auto answer = [back, name](presence_list&& found) {
    json users = json::array();
    for (const auto& each : found.users)
      users.push_back({{"user", each.user}, {"name", each.name}, {"connections", each.connections}});
    back->answer(json{{"topic", name},
                      {"epoch", found.at.epoch},
                      {"seq", found.at.seq},
                      {"connections", found.connections},
                      {"anonymous", found.anonymous},
                      {"users", std::move(users)}}
                     .dump());
  };
  tell(engine_.routes.presence(), ask_presence{name, answer});
}

void service_office::ask_about(const json& data, taker done) {
  if (const auto topic = data.find("topic"); topic != data.end()) return ask_topic(*topic, std::move(done));
  ask_users wish;
  json given = json::array();
  if (const auto one = data.find("user"); one != data.end()) given.push_back(*one);
  if (const auto several = data.find("users"); several != data.end() && several->is_array())
    given.insert(given.end(), several->begin(), several->end());
  for (const auto& each : given)
    if (auto id = user_id(each)) wish.users.push_back(std::move(*id));
  if (wish.users.empty() || wish.users.size() != given.size() ||
      wish.users.size() > protocol::max_command_users)
    return done(reject(error_code::bad_request,
                       "presence needs data.topic, data.user, or data.users, a list of 1 "
                       "to 1000 numbers or texts"));
  const auto back = std::make_shared<errand<std::string>>(std::move(done));
  wish.answer = [back](ask_users::answer_text&& found) {
    json lines = json::array();
    for (const auto& each : found.users) lines.push_back(to_json(each, true));
    back->answer(json{{"users", std::move(lines)}}.dump());
  };
  tell(engine_.routes.users(), std::move(wish));
}

void service_office::list_users(const json& data, taker done) {
  ask_users wish;
  const auto text = [&](const char* name, std::string& to) {
    const auto at = data.find(name);
    if (at != data.end() && at->is_string()) to = at->get<std::string>();
    return at == data.end() || at->is_string();
  };
  const auto limit = data.find("limit");
  const bool has_limit = limit != data.end();
  if (!text("group", wish.group) || !text("after", wish.after) ||
      (has_limit && (!limit->is_number_unsigned() || *limit == 0U || *limit > most_users)))
    return done(reject(error_code::bad_request,
                       "users takes group and after, texts, and limit, a whole number from 1 to 1000"));
  wish.limit = has_limit ? limit->get<std::size_t>() : default_users;
  const auto back = std::make_shared<errand<std::string>>(std::move(done));
  wish.answer = [back](ask_users::answer_text&& found) {
    json lines = json::array();
    for (const auto& each : found.users) lines.push_back(to_json(each, false));
    back->answer(json{{"users", std::move(lines)}, {"total", found.online}, {"more", found.more}}.dump());
  };
  tell(engine_.routes.users(), std::move(wish));
}

void service_office::read_metrics(metric_writer& to) const {
  const auto value = [](const std::atomic<std::uint64_t>& of) {
    return static_cast<double>(of.load(std::memory_order_relaxed));
  };
  to.counter("tickcast_service_repeats_total", "Commands answered from memory, by their idempotency key.", {},
             value(repeats_));
  to.counter("tickcast_service_conflicts_total",
             "Commands whose idempotency key had come with other content.", {}, value(conflicts_));
  const std::lock_guard guard{mutex_};
  to.gauge("tickcast_service_keys_remembered", "Idempotency keys in memory.", {},
           static_cast<double>(by_key_.size()));
}

}  // namespace tickcast::actors
