#include "actors/topics/engine.hpp"

#include "actors/message_texts.hpp"
#include "actors/topics/rehearsal.hpp"
#include "protocol/topic.hpp"

namespace tickcast::actors {
namespace {

bar_forms forms_of(const config::bars_section& asked) {
  using protocol::interval;
  bar_forms result{{}, static_cast<std::int32_t>(asked.lateness_ms), asked.kept_trades};
  for (const auto& name : asked.intervals) {
    // The configuration's check has refused what is no interval.
    auto what = protocol::parse_interval(name);
    if (!what) continue;
    const bool needs_sizes = what->by == interval::unit::volume || what->by == interval::unit::value;
    if (what->of == interval::source::trades && !needs_sizes) what->of = asked.source;
    result.intervals.push_back({name, *what});
  }
  return result;
}

}  // namespace

engine::engine(config::config given, std::uint32_t shard_count, analytics::instruments listed)
    : settings(std::move(given)),
      shards(shard_count),
      rules(access::rule_set::compile(settings.rules)),
      nobody(rules->standing_of({})),
      classes(settings.topic_classes),
      bars(forms_of(settings.bars)),
      instruments(std::move(listed)),
      symbols(shard_count, settings.limits.topics),
      routes(shard_count) {
  teach_message_texts();
  fault = trade_fault(settings.debug);
  event_fault = actors::event_fault(settings.debug);
}

}  // namespace tickcast::actors
