#include "actors/topics/engine.hpp"

#include "actors/message_texts.hpp"
#include "actors/topics/rehearsal.hpp"
#include "protocol/topic.hpp"

namespace tickcast::actors {
namespace {

std::vector<bar_interval> time_intervals(const std::vector<std::string>& names) {
  std::vector<bar_interval> result;
  for (const auto& name : names) {
    const auto parsed = protocol::parse_interval(name);
    // The configuration's check has refused what is no interval; what is not time from trades is not formed
    // here.
    if (parsed && parsed->by == protocol::interval::unit::time &&
        parsed->of == protocol::interval::source::trades)
      result.push_back({name, parsed->count});
  }
  return result;
}

}  // namespace

engine::engine(config::config given, std::uint32_t shard_count)
    : settings(std::move(given)),
      shards(shard_count),
      bar_intervals(time_intervals(settings.bars.intervals)),
      symbols(shard_count, settings.limits.topics),
      routes(shard_count) {
  teach_message_texts();
  fault = trade_fault(settings.debug);
  event_fault = actors::event_fault(settings.debug);
}

}  // namespace tickcast::actors
