#include "feeds/redis/redis_queue.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <unordered_map>

#include "actors/runtime/log.hpp"
#include "actors/runtime/probe.hpp"

namespace tickcast::feeds {
namespace {

/// The bell blocks so long at most; longer silence means that its connection is dead.
constexpr const char* bell_blocks_s = "5";
constexpr std::chrono::milliseconds bell_patience{10'000};
/// After an error of Redis.
constexpr std::chrono::milliseconds pause{1000};
constexpr std::chrono::milliseconds longest_back_off{5000};
constexpr std::chrono::seconds complains_every{1};
/// Left-overs that are read at once.
constexpr std::size_t left_overs_at_once = redis_queue::most_open;

std::string_view text_of(const redisReply& reply) {
  return {reply.str, reply.len};
}

}  // namespace

redis_queue::redis_queue(std::string list, const std::string& processing, const access::redis_address& where,
                         redis_link& commands, redis_queue_ways ways, redis_queue_counters& counters)
    : list_(std::move(list)),
      processing_(list_ + processing),
      refused_(list_ + ":refused"),
      commands_(commands),
      ways_(std::move(ways)),
      counters_(counters),
      bell_(where, bell_patience, {[this] { empty_ = false; }, {}}) {
  counters_.list = list_;
}

void redis_queue::begin() {
  recovered_ = recovering_ = empty_ = false;
  pause_until_ = {};
}

void redis_queue::lost() {
  recovered_ = recovering_ = false;
  asked_ = 0;
  // Redis may have heard of these or not: if they are still there they are done once more.
  for (auto each = entries_.begin(); each != entries_.end();) {
    if (each->second.is != stage::leaving) {
      ++each;
      continue;
    }
    bytes_ -= each->second.bytes.size();
    each = entries_.erase(each);
  }
}

void redis_queue::turn(clock::time_point now, bool fetching) {
  now_ = now;
  while (!retries_.empty() && retries_.begin()->first <= now) {
    const auto [id, part] = retries_.begin()->second;
    retries_.erase(retries_.begin());
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;
    --found->second.waiting;
    actors::bump(counters_.retries);
    work_on(id, part);
    settle(found);
  }
  if (commands_.up() && now >= pause_until_) {
    if (!recovered_ && !recovering_ && fetching && entries_.size() < most_open) recover();
    for (const auto id : std::exchange(done_, {})) leave(id);
    if (recovered_ && fetching) fetch();
  }
  counters_.open.store(entries_.size(), std::memory_order_relaxed);
}

redis_queue::clock::time_point redis_queue::next(clock::time_point now) const noexcept {
  auto when = now + std::chrono::hours(1);
  if (!retries_.empty()) when = std::min(when, retries_.begin()->first);
  if (commands_.up() && pause_until_ > now) when = std::min(when, pause_until_);
  return when;
}

bool redis_queue::quiet() const noexcept {
  return asked_ == 0 && !recovering_ && std::all_of(entries_.begin(), entries_.end(), [](const auto& each) {
           return each.second.is == stage::worked_on && each.second.under_way == 0;
         });
}

// ---- taking entries

/// What is in the list of those that are worked on, and is not one of ours.
void redis_queue::recover() {
  recovering_ = true;
  commands_.send({"LRANGE", processing_, "0", std::to_string(left_overs_at_once + entries_.size() - 1)},
                 [this](const redisReply* reply) {
                   recovering_ = false;
                   if (reply && !failed(reply)) take_left_over(*reply);
                 });
}

void redis_queue::take_left_over(const redisReply& list) {
  std::unordered_map<std::string, std::size_t> ours;
  for (const auto& [id, each] : entries_) ++ours[each.bytes];
  std::size_t found = 0;
  for (std::size_t i = 0; i < list.elements; ++i) {
    const std::string bytes(text_of(*list.element[i]));
    if (const auto known = ours.find(bytes); known != ours.end() && known->second > 0) {
      --known->second;
      continue;
    }
    ++found;
    actors::bump(counters_.left_over);
    take(bytes);
  }
  if (found > 0)
    actors::log(actors::component::feeds)
        .warn("redis: {} messages of {} were half done and are done again", found, list_);
  // Behind as many as were asked for there may be others, when these are done.
  recovered_ = found < left_overs_at_once;
}

void redis_queue::fetch() {
  if (asked_ > 0) return;
  if (empty_) return wait_for_bell();
  if (bytes_ >= most_bytes || entries_.size() >= most_open) return;
  const auto wanted = std::min(batch, most_open - entries_.size());
  asked_ = wanted;
  for (std::size_t i = 0; i < wanted; ++i)
    commands_.send({"LMOVE", list_, processing_, "LEFT", "RIGHT"}, [this](const redisReply* reply) {
      if (!reply) return;
      --asked_;
      if (failed(reply)) return;
      if (reply->type == REDIS_REPLY_STRING)
        take(text_of(*reply));
      else
        empty_ = true;
    });
}

void redis_queue::wait_for_bell() {
  if (ringing_ || !bell_.up()) return;
  ringing_ = true;
  bell_.send({"BLMOVE", list_, list_, "LEFT", "LEFT", bell_blocks_s}, [this](const redisReply* reply) {
    ringing_ = false;
    if (reply && !failed(reply) && reply->type == REDIS_REPLY_STRING) empty_ = false;
  });
}

void redis_queue::take(std::string_view bytes) {
  actors::bump(counters_.taken);
  ways_.heard();
  const auto id = ++last_;
  const auto made = entries_.try_emplace(id).first;
  made->second.bytes = bytes;
  made->second.since = now_;
  bytes_ += bytes.size();
  auto parts = split_entry(bytes);
  if (!parts)
    refuse(made->second, parts.error());
  else
    made->second.parts = std::move(*parts);
  for (std::size_t i = 0; i < made->second.parts.size(); ++i) work_on(id, i);
  settle(made);
}

// ---- doing what they ask for

void redis_queue::work_on(std::uint64_t id, std::size_t part) {
  auto& of = entries_.at(id);
  auto read = read_queued(of.parts[part]);
  if (!read) return refuse(of, read.error());
  if (auto* answer = std::get_if<queued_answer>(&*read)) return ways_.answer(std::move(*answer));
  ++of.under_way;
  ways_.carry_out(std::move(std::get<queued_command>(*read)), id, part);
}

void redis_queue::result(const part_result& what) {
  const auto found = entries_.find(what.entry);
  if (found == entries_.end()) return;
  auto& of = found->second;
  --of.under_way;
  if (what.why_not) {
    if (protocol::is_temporary(what.why_not->code) && now_ - of.since < tries_for) {
      ++of.waiting;
      retries_.emplace(now_ + of.back_off, std::pair(what.entry, what.part));
      of.back_off = std::min(of.back_off * 2, longest_back_off);
      return;
    }
    refuse(of, what.why_not->message);
  }
  settle(found);
}

void redis_queue::refuse(entry& of, std::string_view why) {
  of.refused = true;
  complain(why);
}

void redis_queue::settle(entries::iterator which) {
  auto& [id, of] = *which;
  if (of.is != stage::worked_on || of.under_way > 0 || of.waiting > 0) return;
  of.is = stage::done;
  done_.push_back(id);
}

// ---- being done with them

void redis_queue::leave(std::uint64_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  auto& of = found->second;
  of.is = stage::leaving;
  const auto then = [this, id](const redisReply* reply) { left(id, reply); };
  if (!of.refused) return commands_.send({"LREM", processing_, "1", of.bytes}, then);
  const auto ignore = [](const redisReply*) {};
  commands_.send({"MULTI"}, ignore);
  commands_.send({"RPUSH", refused_, of.bytes}, ignore);
  commands_.send({"LTRIM", refused_, std::to_string(-static_cast<std::int64_t>(most_refused)), "-1"}, ignore);
  commands_.send({"LREM", processing_, "1", of.bytes}, ignore);
  commands_.send({"EXEC"}, then);
}

void redis_queue::left(std::uint64_t id, const redisReply* reply) {
  const auto found = entries_.find(id);
  if (!reply || found == entries_.end()) return;
  auto& of = found->second;
  if (failed(reply)) {
    // It is done; what is left is to say so.
    of.is = stage::done;
    done_.push_back(id);
    return;
  }
  actors::bump(of.refused ? counters_.refused : counters_.done);
  bytes_ -= of.bytes.size();
  entries_.erase(found);
}

/// Redis has answered with an error: a list that is none, a full memory, a version that is too old.
bool redis_queue::failed(const redisReply* reply) {
  if (reply->type != REDIS_REPLY_ERROR) return false;
  pause_until_ = now_ + pause;
  const auto text = text_of(*reply);
  complain(fmt::format("Redis refuses: {}{}", text,
                       text.find("unknown command") != text.npos ? "; lists need Redis 6.2" : ""));
  return true;
}

void redis_queue::complain(std::string_view what) {
  ++complaints_;
  if (now_ - complained_ < complains_every) return;
  actors::log(actors::component::feeds)
      .warn("redis: {}: {}{}", list_, what,
            complaints_ > 1 ? fmt::format(" ({} like it)", complaints_ - 1) : std::string());
  complained_ = now_;
  complaints_ = 0;
}

}  // namespace tickcast::feeds
