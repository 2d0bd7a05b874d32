#include "feeds/redis/redis_room.hpp"

#include <fmt/format.h>

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/redis/redis_claims.hpp"
#include "feeds/redis/redis_source.hpp"
#include "protocol/client_message.hpp"

namespace tickcast::feeds {
namespace {

double value(const std::atomic<std::uint64_t>& of) {
  return static_cast<double>(of.load(std::memory_order_relaxed));
}

}  // namespace

redis_room::redis_room(actors::engine& parts, caf::actor_system& system, actors::service_office& office)
    : engine_(parts), system_(system), office_(office), calls_(parts.settings) {
  const auto& settings = engine_.settings.redis;
  if (settings.processing.empty())
    throw feed_error("redis.processing is empty: messages that are worked on need a list of their own");
  for (const auto& [type, list] : settings.claims)
    if (!protocol::is_call_type(type) || list.empty())
      throw feed_error(fmt::format(
          "redis.claims: \"{}\" = \"{}\": write a type of client messages, 1 to 64 letters, digits and ._-, "
          "none of the client protocol's own, and the list it is pushed to",
          type, list));
  std::set<std::string_view> names;
  for (const auto& list : settings.queues) {
    if (list.empty() || !names.insert(list).second)
      throw feed_error(fmt::format("redis.queues: \"{}\" is there twice, or is no name", list));
    queues_.emplace_back().list = list;
  }
}

std::unique_ptr<source> redis_room::make_source(actors::feed_entry& entry) {
  std::vector<redis_queue_counters*> counters;
  for (auto& each : queues_) counters.push_back(&each);
  return std::make_unique<redis_source>(engine_.settings.redis, office_, calls_, entry, std::move(counters));
}

actors::child_spec redis_room::child() {
  return {
      .id = "redis claims", .start = [this] {
        return caf::actor_cast<caf::actor>(system_.spawn<redis_claims>(std::ref(engine_), std::ref(calls_)));
      }};
}

void redis_room::read_metrics(actors::metric_writer& to) const {
  for (const auto& each : queues_) {
    const actors::metric_labels list{{"list", each.list}};
    to.counter("tickcast_redis_taken_total", "Messages taken from a list of Redis.", list, value(each.taken));
    to.counter("tickcast_redis_left_over_total",
               "Of them, those that were found half done, and were done again.", list, value(each.left_over));
    to.counter("tickcast_redis_done_total", "Messages of a list that are done.", list, value(each.done));
    to.counter("tickcast_redis_refused_total", "Messages moved to LIST:refused.", list, value(each.refused));
    to.counter("tickcast_redis_retries_total", "Commands of a list that were tried again.", list,
               value(each.retries));
    to.gauge("tickcast_redis_open", "Messages of a list that are being worked on.", list, value(each.open));
  }
  const auto& calls = calls_.counters();
  to.counter("tickcast_redis_calls_total", "Clients' messages pushed to backends' lists.", {},
             value(calls.pushed));
  to.gauge("tickcast_redis_calls_waiting", "Clients' messages that wait for Redis.", {},
           value(calls.waiting));
  to.gauge("tickcast_redis_open_calls", "Calls that backends have not answered yet.", {}, value(calls.open));
  to.counter("tickcast_redis_calls_refused_total", "Clients' messages that could not be taken.", {},
             value(calls.refused));
  to.counter("tickcast_redis_calls_overdue_total", "Calls not answered within service.call_ms.", {},
             value(calls.overdue));
  to.counter("tickcast_redis_answers_unknown_total", "Answers to calls that were not open.", {},
             value(calls.answers_unknown));
}

}  // namespace tickcast::feeds
