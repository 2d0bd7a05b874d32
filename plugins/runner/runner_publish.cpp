#include <fmt/format.h>

#include <atomic>
#include <utility>

#include "plugins/runner/runner.hpp"
#include "protocol/json_text.hpp"
#include "protocol/topic.hpp"

// What the runner's plugin publishes.
namespace tickcast::plugins {
namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;

void bump(std::atomic<std::uint64_t>& counter) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace

std::string_view to_string(published outcome) noexcept {
  switch (outcome) {
    case published::sent:
      return "sent";
    case published::over_budget:
      return "over budget";
    case published::not_allowed:
      return "not allowed";
    case published::bad_topic:
      return "bad topic";
    case published::bad_value:
      return "bad value";
    case published::busy:
      return "busy";
  }
  return "unknown";
}

published runner::refuse(published why) {
  bump(why == published::over_budget ? vitals_.over_budget : vitals_.refused);
  return why;
}

published runner::done(published outcome) {
  if (outcome != published::sent) return refuse(outcome);
  bump(vitals_.published);
  return outcome;
}

published runner::admit() {
  const auto now = clocks_.steady_ns();
  if (publish_tokens_.take(now)) return published::sent;
  note_excess(now);
  return refuse(published::over_budget);
}

void runner::note_excess(std::int64_t now_ns) {
  if (excess_began_ns_ == 0 || now_ns - excess_last_ns_ > ns_per_s) excess_began_ns_ = now_ns;
  excess_last_ns_ = now_ns;
  if (now_ns - excess_began_ns_ < seconds_of_excess * ns_per_s) return;
  spent_ = fmt::format("published more than {} messages a second for {} s", options_.publishes_per_s,
                       seconds_of_excess);
}

published runner::publish_text(std::string_view topic, std::string_view json_text) {
  const auto name = protocol::parse_topic(topic);
  if (!name) return refuse(published::bad_topic);
  if (protocol::is_reserved(name->kind) || name->kind == protocol::topic_kind::user)
    return refuse(published::not_allowed);
  if (const auto admitted = admit(); admitted != published::sent) return admitted;
  auto compact = protocol::compact_json(json_text);
  if (!compact) return refuse(published::bad_value);
  return done(outlet_.event(topic, std::move(*compact)));
}

published runner::market_allowed(std::string_view symbol) {
  if (!options_.is_feed) return refuse(published::not_allowed);
  if (!protocol::is_valid_symbol(symbol)) return refuse(published::bad_value);
  return admit();
}

published runner::publish_trade(std::string_view symbol, const protocol::trade& value) {
  if (const auto allowed = market_allowed(symbol); allowed != published::sent) return allowed;
  return done(outlet_.trade(symbol, value));
}

published runner::publish_quote(std::string_view symbol, const protocol::quote& value) {
  if (const auto allowed = market_allowed(symbol); allowed != published::sent) return allowed;
  return done(outlet_.quote(symbol, value));
}

published runner::publish_bar(std::string_view symbol, std::string_view interval,
                              const protocol::bar& value) {
  if (!protocol::parse_interval(interval)) return refuse(published::bad_value);
  if (const auto allowed = market_allowed(symbol); allowed != published::sent) return allowed;
  return done(outlet_.bar(symbol, interval, value));
}

}  // namespace tickcast::plugins
