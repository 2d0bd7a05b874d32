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
    for (const auto* each : parts.feeds.all()) {
      feeds.push_back({{"name", each->name},
                       {"state", protocol::to_string(each->state.load())},
                       {"since", each->since_ns.load() / 1000},
                       {"reason", each->reason.get()},
                       {"suspended_by", each->suspended_by.get()},
                       {"in_session", each->in_session.load()},
                       {"restarts", each->restarts.load()},
                       {"failure", each->failure.get()},
                       {"stale_symbols", each->stale_symbols.load()},
                       {"simulated", each->simulated},
                       {"priority", each->priority},
                       {"messages", each->messages.load()},
                       {"ticks", each->ticks.load()},
                       {"events", each->events.load()},
                       {"gaps", each->gaps.load()},
                       {"repeated", each->repeated.load()},
                       {"not_owner", each->not_owner.load()},
                       {"in_flight", each->in_flight.load()}});
      const auto& peers = each->peers;
      if (peers.watched)
        feeds.back()["peers"] = {{"now", peers.now.load()},
                                 {"connects", peers.connects.load()},
                                 {"disconnects", peers.disconnects.load()},
                                 {"retries", peers.retries.load()},
                                 {"rejected", peers.rejected.load()},
                                 {"last", peers.last.get()}};
    }
    return net::http_answer{.body = json{{"feeds", std::move(feeds)}}.dump()};
  };
}

}  // namespace tickcast::tools
