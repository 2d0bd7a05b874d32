#include "tools/http_api.hpp"

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "actors/actors.hpp"
#include "actors/topics/topic_report.hpp"
#include "protocol/topic.hpp"

namespace tickcast::tools {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds patience{500};

json line_of(const actors::topic_report::line& line) {
  const auto name = protocol::parse_topic(line.topic);
  json result{{"topic", line.topic},
              {"kind", name ? std::string(name->word) : std::string()},
              {"epoch", line.epoch},
              {"seq", line.seq},
              {"subscribers", line.subscribers},
              {"feed", line.feed.name},
              {"state", line.feed.state}};
  result["shard"] = line.shard < 0 ? json() : json(line.shard);
  return result;
}

json plugin_line(const actors::plugin_report& of) {
  json failures = json::array();
  for (const auto& each : of.failures)
    failures.push_back({{"time", each.time_ns / 1000}, {"why", each.why}, {"retired", each.retired}});
  return {
      {"name", of.name},
      {"version", of.version},
      {"library", of.library},
      {"isolation", of.isolation},
      {"state", to_string(of.state)},
      {"parameters", of.parameters},
      {"subscriptions", of.subscriptions},
      {"restarts", of.restarts},
      {"budget",
       {{"spent", of.budget_spent}, {"restarts", of.budget_restarts}, {"period_ms", of.budget_period_ms}}},
      {"failures", std::move(failures)},
      {"last_error", of.last_error},
      {"alarms", of.alarms},
      {"lingering", of.lingering},
      {"waiting", of.waiting},
      {"bound", of.bound},
      {"dropped", of.dropped},
      {"handled", of.handled},
      {"published", of.published},
      {"over_budget", of.over_budget},
      {"refused", of.refused},
      {"log_dropped", of.log_dropped},
      {"handler", of.handler},
      {"handler_running_ns", of.handler_running_ns},
      {"p50_ns", of.p50_ns},
      {"p99_ns", of.p99_ns},
      {"longest_ns", of.longest_ns},
      {"counters", of.counters},
      {"gauges", of.gauges}};
}

}  // namespace

net::http_handler symbols_handler(const actors::engine& parts) {
  return [&parts](const net::http_query&) {
    json names = json::array();
    for (const auto* each : parts.symbols.all()) names.push_back(each->name);
    return net::http_answer{.body = json{{"symbols", std::move(names)}}.dump()};
  };
}

net::http_handler topics_handler(const actors::engine& parts) {
  return [&parts](const net::http_query&) {
    auto report = std::make_shared<actors::topic_report>();
    const std::weak_ptr<actors::topic_report> open = report;
    {
      const auto lines = parts.routes.copy();
      for (const auto& each : lines.dispatchers) actors::tell(each, actors::report_topics{report});
      for (const auto& each : lines.broadcasters) actors::tell(each, actors::report_topics{report});
      actors::tell(lines.directory, actors::report_topics{report});
    }
    // Complete when all who were asked have let go of it.
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (open.use_count() > 1 && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    json topics = json::array();
    for (const auto& each : report->lines()) topics.push_back(line_of(each));
    return net::http_answer{
        .body = json{{"topics", std::move(topics)}, {"complete", open.use_count() == 1}}.dump()};
  };
}

net::http_handler feeds_handler(const actors::engine& parts) {
  return [&parts](const net::http_query&) {
    json feeds = json::array();
    for (const auto* each : parts.feeds.all())
      feeds.push_back({{"name", each->name},
                       {"state", protocol::to_string(each->state.load())},
                       {"simulated", each->simulated},
                       {"priority", each->priority},
                       {"messages", each->messages.load()},
                       {"ticks", each->ticks.load()},
                       {"events", each->events.load()},
                       {"gaps", each->gaps.load()},
                       {"repeated", each->repeated.load()},
                       {"not_owner", each->not_owner.load()},
                       {"in_flight", each->in_flight.load()}});
    return net::http_answer{.body = json{{"feeds", std::move(feeds)}}.dump()};
  };
}

net::http_handler plugins_handler(const actors::plugin_room& plugins) {
  return [&plugins](const net::http_query&) {
    json rows = json::array();
    for (const auto& each : plugins.report()) rows.push_back(plugin_line(each));
    return net::http_answer{
        .body = json{{"plugins", std::move(rows)}}.dump(-1, ' ', false, json::error_handler_t::replace)};
  };
}

}  // namespace tickcast::tools
