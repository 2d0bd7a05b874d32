#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "actors/clients/connection.hpp"
#include "actors/topics/broadcaster.hpp"

// Subscriptions by pattern: the broadcaster watches for what matches, and each client gets of it what the
// rules grant, each topic by its own name.
namespace tickcast::actors {

bool broadcaster::refuse_patterns(const subscribe& wish) {
  if (wish.patterns.empty()) return false;
  const auto* has = wish.who->seat == connection::no_seat ? nullptr : seats_[wish.who->seat].by_pattern.get();
  if ((has ? has->patterns.size() : 0) + wish.patterns.size() > most_patterns) {
    wish.who->refuse(wish.id, protocol::error_code::limit_exceeded,
                     fmt::format("a connection may have {} patterns at a time", most_patterns));
    return true;
  }
  std::unordered_set<std::string_view> texts;
  if (has) texts.insert(has->patterns.begin(), has->patterns.end());
  for (const auto& each : wish.patterns)
    if (!texts.insert(each.text).second) {
      wish.who->refuse(wish.id, protocol::error_code::already_subscribed,
                       "already subscribed to " + each.text);
      return true;
    }
  return false;
}

void broadcaster::open_patterns(const subscribe& wish) {
  // The client gets its place at once, so that it is known when it leaves before the answer.
  auto& seat = seats_[seat_of(wish)];
  if (!seat.by_pattern) seat.by_pattern = std::make_unique<pattern_seat>();
  const auto kept = std::make_shared<const subscribe>(wish);
  for (const auto& each : wish.patterns) {
    seat.by_pattern->patterns.push_back(each.text);
    const auto [at, is_new] = patterns_.try_emplace(each.text, pattern_watch{each});
    at->second.waiting.push_back(kept);
    if (is_new) ask_pattern(at->second);
  }
  counters_.patterns.store(patterns_.size(), std::memory_order_relaxed);
  expand(kept);
}

void broadcaster::ask_pattern(pattern_watch& which) {
  which.ticket = ++last_watch_;
  which.unanswered = engine_.shards + 1;
  writers_.refresh(*this);
  writers_.send(watch_topics{shard_, which.pattern, which.ticket});
}

void broadcaster::ask_patterns_again() {
  for (auto& [text, which] : patterns_)
    if (which.unanswered > 0)
      ask_pattern(which);
    else
      writers_.send(watch_topics{shard_, which.pattern});
}

void broadcaster::on_known(const topics_known& known) {
  std::vector<std::pair<std::uint32_t, std::string>> joins;
  std::vector<std::shared_ptr<const subscribe>> told;
  for (auto& [text, which] : patterns_) {
    for (const auto& name : *known.names) {
      if (!which.pattern.matches(name) || !which.names.insert(name).second) continue;
      for (const auto seat : which.seats) joins.emplace_back(seat, name);
    }
    if (known.ticket != 0 && known.ticket == which.ticket && which.unanswered > 0 && --which.unanswered == 0)
      told = which.waiting;
  }
  for (const auto& [seat, name] : joins) join_later(seat, name);
  for (const auto& each : told) expand(each);
}

void broadcaster::expand(const std::shared_ptr<const subscribe>& kept) {
  const auto& wish = *kept;
  const bool waits = std::any_of(wish.patterns.begin(), wish.patterns.end(), [&](const auto& each) {
    const auto found = patterns_.find(each.text);
    return found != patterns_.end() && found->second.unanswered > 0;
  });
  if (waits) return;
  // What the client has may have changed meanwhile.
  const auto seat = wish.who->seat;
  if (seat != connection::no_seat && (refuse_subscribe(wish) || !subscribe_to_matches(wish)))
    for (const auto& each : wish.patterns) close_pattern(seat, each.text);
  for (const auto& each : wish.patterns) {
    if (const auto found = patterns_.find(each.text); found != patterns_.end())
      std::erase(found->second.waiting, kept);
    forget_if_unused(each.text);
  }
}

bool broadcaster::subscribe_to_matches(const subscribe& wish) {
  const auto seat = wish.who->seat;
  auto matches = match(wish);
  auto count = seats_[seat].by_pattern->topics.size();
  for (const auto& each : matches) count += each.second.size();
  if (const auto most = engine_.settings.limits.pattern_topics; count > most) {
    bump(counters_.pattern_topics_refused, count - most);
    wish.who->refuse(wish.id, protocol::error_code::limit_exceeded,
                     fmt::format("the patterns match {} topics, and those of a connection may match {} "
                                 "(limits.pattern_topics): name fewer",
                                 count, most));
    return false;
  }
  for (const auto& each : matches) patterns_.at(each.first).seats.push_back(seat);
  subscribe_to(wish, std::move(matches));
  return true;
}

broadcaster::pattern_matches broadcaster::match(const subscribe& wish) const {
  const auto seat = wish.who->seat;
  const auto& has = seats_[seat].by_pattern->patterns;
  std::unordered_set<std::string_view> taken(wish.topics.begin(), wish.topics.end());
  pattern_matches result;
  for (const auto& each : wish.patterns) {
    // Whoever has unsubscribed before the answer has it no longer.
    if (std::find(has.begin(), has.end(), each.text) == has.end()) continue;
    auto& mine = result.emplace_back(each.text, std::vector<std::string>{}).second;
    for (const auto& name : patterns_.at(each.text).names)
      if (!taken.contains(name) && held(seat, name) == no_topic && granted(*wish.who, name)) {
        taken.insert(name);
        mine.push_back(name);
      }
  }
  return result;
}

std::optional<access::topic_form> broadcaster::granted(const connection& who, const std::string& name) const {
  const auto parsed = protocol::parse_topic(name);
  return parsed ? who.standing().grant(access::action::subscribe, *parsed) : std::nullopt;
}

void broadcaster::join_later(std::uint32_t seat, const std::string& name) {
  auto& mine = seats_[seat];
  if (!mine.who || !mine.by_pattern || held(seat, name) != no_topic) return;
  const auto form = granted(*mine.who, name);
  if (!form) return;
  const auto most = engine_.settings.limits.pattern_topics;
  if (mine.by_pattern->topics.size() >= most) {
    bump(counters_.pattern_topics_refused);
    if (std::exchange(mine.by_pattern->told_limit, true)) return;
    mine.who->refuse(
        0, protocol::error_code::limit_exceeded,
        fmt::format("{} and what comes after it is left out: the patterns of a connection may match "
                    "{} topics (limits.pattern_topics)",
                    name, most));
    return;
  }
  const auto pending = std::make_shared<pending_subscribe>(pending_subscribe{mine.keep, mine.who, 0, {}, 0});
  mine.by_pattern->topics.insert(take_in(pending, name, *form));
  if (pending->missing == 0) finish(*pending);
}

bool broadcaster::leave_patterns(const unsubscribe& wish, std::vector<topic_index>& leaving) {
  const auto seat = wish.who->seat;
  auto* mine = seat == connection::no_seat ? nullptr : seats_[seat].by_pattern.get();
  for (const auto& each : wish.patterns)
    if (!mine || std::find(mine->patterns.begin(), mine->patterns.end(), each.text) == mine->patterns.end()) {
      wish.who->refuse(wish.id, protocol::error_code::unknown_topic, "not subscribed to " + each.text);
      return false;
    }
  for (const auto& each : wish.patterns) close_pattern(seat, each.text);
  for (const auto topic : mine->topics) {
    const auto& name = slots_[topic].topic->name();
    const bool stays =
        std::any_of(mine->patterns.begin(), mine->patterns.end(), [&](const std::string& other) {
          return protocol::topic_pattern{protocol::topic_pattern::kind::glob, other}.matches(name);
        });
    if (!stays && std::find(leaving.begin(), leaving.end(), topic) == leaving.end()) leaving.push_back(topic);
  }
  return true;
}

void broadcaster::close_pattern(std::uint32_t seat, const std::string& pattern) {
  if (auto& mine = seats_[seat].by_pattern) std::erase(mine->patterns, pattern);
  if (const auto found = patterns_.find(pattern); found != patterns_.end())
    std::erase(found->second.seats, seat);
  forget_if_unused(pattern);
}

void broadcaster::close_patterns(std::uint32_t seat) {
  if (!seats_[seat].by_pattern) return;
  const auto all = seats_[seat].by_pattern->patterns;
  for (const auto& each : all) close_pattern(seat, each);
}

void broadcaster::forget_if_unused(const std::string& pattern) {
  const auto found = patterns_.find(pattern);
  if (found == patterns_.end() || !found->second.seats.empty() || !found->second.waiting.empty()) return;
  writers_.send(unwatch_topics{shard_, found->second.pattern});
  patterns_.erase(found);
  counters_.patterns.store(patterns_.size(), std::memory_order_relaxed);
}

}  // namespace tickcast::actors
