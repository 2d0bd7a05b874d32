#include "feeds/feed_set.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "feeds/feed_actor.hpp"
#include "feeds/from_config.hpp"
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

feed_set::feed_set(actors::engine& parts, zmq::context_t& context) : engine_(parts), context_(context) {
  for (const auto& section : engine_.settings.feeds)
    if (section.kind != config::feed_kind::plugin) add_configured(section);  // the plugins' room has those
  if (engine_.settings.simulator.enabled) add_simulator();
  if (!engine_.settings.service.pull.empty()) add_service();
}

feed_set::~feed_set() = default;

actors::feed_entry& feed_set::make_entry(const std::string& name, int priority, bool simulated,
                                         std::int64_t stale_ms) {
  const auto same = [&](const member& each) { return each.entry->name == name; };
  if (std::any_of(members_.begin(), members_.end(), same)) {
    throw feed_error(fmt::format("two feeds are called {}; rename the one in the configuration", name));
  }
  return engine_.feeds.add(name, priority, simulated, stale_ms * ns_per_ms);
}

void feed_set::add(std::string kind, actors::feed_entry& entry, std::unique_ptr<source> what,
                   actors::feed_port_options options) {
  what->open();
  spdlog::info("feed {} ({}) reads {}", entry.name, kind, what->endpoint());
  options.most_in_flight = engine_.settings.limits.in_flight_ticks;
  options.fault = engine_.settings.debug.fault;
  auto out = std::make_unique<owned_port>(engine_, entry, std::move(options));
  members_.push_back(
      {&entry, std::move(kind), std::make_unique<feed_thread>(entry.name, std::move(what), std::move(out))});
}

std::shared_ptr<curve_gate> feed_set::gate_for(const config::curve_keys& keys) {
  if (!keys.curve_client_keys.empty() && !gate_) gate_ = std::make_shared<curve_gate>(context_);
  return gate_;
}

std::unique_ptr<source> feed_set::make_source(const config::feed_section& section) {
  switch (section.kind) {
    case config::feed_kind::zmq_sub:
    case config::feed_kind::zmq_pull:
      return std::make_unique<zmq_source>(context_,
                                          zmq_options_from(section, engine_.settings.limits.message_bytes),
                                          gate_for(section.curve));
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
  add(std::string(config::to_string(section.kind)), entry, make_source(section), std::move(options));
}

void feed_set::add_simulator() {
  const auto& settings = engine_.settings.simulator;
  auto& entry = make_entry("simulator", 0, true, simulator_stale_ms);
  add("simulator", entry,
      std::make_unique<simulator_source>(default_instruments(settings.symbols), settings.seed, clock_));
}

void feed_set::add_service() {
  const auto& settings = engine_.settings;
  // Backends speak when they have something to say: silence is no fault.
  auto& entry = make_entry("service", 0, false, 0);
  add("service", entry,
      std::make_unique<zmq_source>(context_,
                                   zmq_options_from(settings.service, settings.limits.message_bytes),
                                   gate_for(settings.service.curve)));
}

std::vector<feed_address> feed_set::addresses() const {
  std::vector<feed_address> result;
  for (const auto& each : members_) {
    result.push_back({each.entry->name, each.kind, each.thread->what().endpoint()});
  }
  return result;
}

std::vector<actors::child_spec> feed_set::children(caf::actor_system& system) {
  std::vector<actors::child_spec> result;
  for (auto& each : members_) {
    actors::child_spec child;
    child.id = each.entry->name;
    child.start = [this, &system, thread = each.thread.get(), entry = each.entry] {
      return caf::actor_cast<caf::actor>(
          system.spawn<feed>(std::ref(engine_), std::ref(*thread), std::ref(*entry), std::cref(clock_)));
    };
    result.push_back(std::move(child));
  }
  return result;
}

}  // namespace tickcast::feeds
