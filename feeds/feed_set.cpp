#include "feeds/feed_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "actors/runtime/log.hpp"
#include "feeds/from_config.hpp"
#include "feeds/redis/redis_room.hpp"
#include "feeds/simulator_source.hpp"

namespace tickcast::feeds {
namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::int64_t simulator_stale_ms = 5000;

/// A port that belongs to its feed_out. One for all runs of a feed: what an earlier run left under way
/// counts, and a hole in feed_seq over a restart is seen.
class owned_port final : public feed_out {
public:
  owned_port(actors::engine& parts, actors::feed_entry& entry, actors::feed_port_options options)
      : port_(parts.feeds, entry, parts.symbols, parts.routes, std::move(options)), out_(port_) {}
  protocol::feed_sink& sink() override { return out_.sink(); }
  void flush() override { out_.flush(); }
  bool may_read() override { return out_.may_read(); }
  int credit_fd() const override { return out_.credit_fd(); }

private:
  actors::feed_port port_;
  port_out<actors::feed_port> out_;
};

}  // namespace

feed_set::feed_set(actors::engine& parts, zmq::context_t& context, redis_room* redis)
    : engine_(parts), context_(context) {
  for (const auto& section : engine_.settings.feeds)
    if (section.kind != config::feed_kind::plugin) add_configured(section);  // the plugins' room has those
  if (engine_.settings.simulator.enabled) add_simulator();
  if (!engine_.settings.service.pull.empty()) add_service();
  if (redis) add_redis(*redis);
}

feed_set::~feed_set() = default;

actors::feed_entry& feed_set::make_entry(const std::string& name, int priority, bool simulated,
                                         std::int64_t stale_ms) {
  const auto same = [&](const auto& each) { return each->entry->name == name; };
  if (std::any_of(members_.begin(), members_.end(), same)) {
    throw feed_error(fmt::format("two feeds are called {}; rename the one in the configuration", name));
  }
  return engine_.feeds.add(name, priority, simulated, stale_ms * ns_per_ms);
}

feed_set::member& feed_set::add(std::string kind, actors::feed_entry& entry, std::unique_ptr<source> what,
                                actors::feed_port_options options) {
  what->open();
  actors::log(actors::component::feeds).info("feed {} ({}) reads {}", entry.name, kind, what->endpoint());
  options.most_in_flight = engine_.settings.limits.in_flight_ticks;
  options.fault = engine_.settings.debug.fault;
  options.stored = engine_.keep.offsets.find(entry.name);
  auto out = std::make_unique<owned_port>(engine_, entry, std::move(options));
  auto& made = *members_.emplace_back(std::make_unique<member>());
  made.entry = &entry;
  made.kind = std::move(kind);
  made.thread = std::make_unique<feed_thread>(entry.name, std::move(what), std::move(out));
  return made;
}

std::shared_ptr<curve_gate> feed_set::gate_for(const config::curve_keys& keys) {
  if (!keys.curve_client_keys.empty() && !gate_) gate_ = std::make_shared<curve_gate>(context_);
  return gate_;
}

void feed_set::renew_keys(const config::config& next) {
  if (!gate_) return;
  for (const auto& feed : next.feeds) gate_->renew(zap_domain_of(feed.name), feed.curve.curve_client_keys);
  gate_->renew(zap_domain_of("service"), next.service.curve.curve_client_keys);
  gate_->renew("service", next.service.curve.curve_client_keys);
  gate_->renew("egress", next.egress.curve.curve_client_keys);
}

std::unique_ptr<source> feed_set::make_source(const config::feed_section& section,
                                              actors::feed_entry& entry) {
  switch (section.kind) {
    case config::feed_kind::zmq_sub:
    case config::feed_kind::zmq_pull: {
      auto options = zmq_options_from(section, engine_.settings.limits.message_bytes);
      options.peers = &entry.peers;
      // ZeroMQ tells nothing of connections inside the process.
      entry.peers.watched = std::none_of(section.endpoint.begin(), section.endpoint.end(),
                                         [](const auto& each) { return each.starts_with("inproc:"); });
      if (entry.peers.watched)
        entry.peers.need = section.binds() ? actors::peer_need::once_there : actors::peer_need::always;
      return std::make_unique<zmq_source>(context_, std::move(options), gate_for(section.curve));
    }
    case config::feed_kind::replay:
      return std::make_unique<replay_source>(replay_options_from(section), clock_);
    case config::feed_kind::plugin:
      break;
  }
  throw feed_error(
      fmt::format("feed {}: kind \"{}\" is not taken by this version; take zmq-sub, zmq-pull or replay",
                  section.name, config::to_string(section.kind)));
}

void feed_set::add_configured(const config::feed_section& section) {
  actors::feed_port_options options;
  options.prefix = section.prefix;
  options.map = {section.map.begin(), section.map.end()};
  auto& entry = make_entry(section.name, section.priority, false, section.stale_ms);
  entry.symbol_stale_ns = section.symbol_stale_ms * ns_per_ms;
  auto hours = analytics::session_hours::parse(section.sessions);
  if (!hours) throw feed_error(fmt::format("feed {}: sessions: {}", section.name, hours.error()));
  auto& made = add(std::string(config::to_string(section.kind)), entry, make_source(section, entry),
                   std::move(options));
  made.options.hours = std::move(*hours);
  made.options.in_event_time = section.kind == config::feed_kind::replay;
  made.group = section.group;
  if (!section.group.empty()) made.options.parent += "/" + section.group;
}

void feed_set::add_simulator() {
  const auto& settings = engine_.settings.simulator;
  auto& entry = make_entry("simulator", 0, true, simulator_stale_ms);
  add("simulator", entry,
      std::make_unique<simulator_source>(default_instruments(settings.symbols), settings.seed, clock_));
}

void feed_set::add_service() {
  const auto& settings = engine_.settings;
  // Backends come, speak when they have something to say, and go: neither silence nor absence is a fault.
  auto& entry = make_entry("service", 0, false, 0);
  auto options = zmq_options_from(settings.service, settings.limits.message_bytes);
  options.peers = &entry.peers;
  entry.peers.watched = !settings.service.pull.starts_with("inproc:");
  add("service", entry,
      std::make_unique<zmq_source>(context_, std::move(options), gate_for(settings.service.curve)));
}

void feed_set::add_redis(redis_room& room) {
  // As with `service`, silence is no fault; but that Redis is away, is.
  auto& entry = make_entry("redis", 0, false, 0);
  entry.peers.watched = true;
  entry.peers.need = actors::peer_need::always;
  add("redis", entry, room.make_source(entry));
}

std::vector<feed_address> feed_set::addresses() const {
  std::vector<feed_address> result;
  for (const auto& each : members_)
    result.push_back({each->entry->name, each->kind, each->thread->what().endpoint(), each->group});
  return result;
}

std::vector<actors::child_spec> feed_set::children(caf::actor_system& system) {
  std::vector<actors::child_spec> result;
  std::set<std::string_view> groups;
  for (auto& each : members_) {
    if (each->group.empty())
      result.push_back(child_of(*each, system));
    else if (groups.insert(each->group).second)
      result.push_back(child_of_group(each->group, system));
  }
  return result;
}

actors::child_spec feed_set::child_of(member& of, caf::actor_system& system) {
  return {.id = of.entry->name,
          .start = [this, &of, &system] { return start(of, system); },
          .shutdown = feed_shutdown};
}

actors::restart_strategy feed_set::strategy_of(const std::string& group) const {
  using strategy = config::restart_strategy;
  for (const auto& each : engine_.settings.feed_groups) {
    if (each.name != group) continue;
    if (each.strategy == strategy::one_for_all) return actors::restart_strategy::one_for_all;
    if (each.strategy == strategy::rest_for_one) return actors::restart_strategy::rest_for_one;
  }
  return actors::restart_strategy::one_for_one;
}

actors::child_spec feed_set::child_of_group(const std::string& group, caf::actor_system& system) {
  auto start_group = [this, &group, &system] {
    std::vector<actors::child_spec> feeds;
    for (auto& each : members_)
      if (each->group == group) feeds.push_back(child_of(*each, system));
    return system.spawn<actors::supervisor>(
        std::ref(engine_.probes),
        actors::supervisor::options{
            .name = group, .parent = "root/feeds", .limits = feed_restarts, .strategy = strategy_of(group)},
        std::move(feeds));
  };
  return {.id = group, .start = std::move(start_group), .shutdown = actors::no_shutdown_limit};
}

caf::actor feed_set::start(member& of, caf::actor_system& system) {
  auto made = system.spawn<feed>(std::ref(engine_), std::ref(*of.thread), std::ref(*of.entry),
                                 std::cref(of.options), std::cref(clock_));
  const std::lock_guard guard{mutex_};
  of.actor = made;
  return caf::actor_cast<caf::actor>(made);
}

feed_set::member* feed_set::find(std::string_view name) {
  for (auto& each : members_)
    if (each->entry->name == name) return each.get();
  return nullptr;
}

bool feed_set::suspend(std::string_view name, const std::string& by) {
  auto* of = find(name);
  if (!of) return false;
  const std::lock_guard guard{mutex_};
  // Whoever is started in the meantime reads it there.
  of->entry->suspended_by.set(by);
  actors::tell(of->actor, actors::suspend_feed{by});
  return true;
}

bool feed_set::resume(std::string_view name, const std::string& by) {
  auto* of = find(name);
  if (!of) return false;
  const std::lock_guard guard{mutex_};
  of->entry->suspended_by.set({});
  actors::tell(of->actor, actors::resume_feed{by});
  return true;
}

}  // namespace tickcast::feeds
