#include "actors/plugins/plugin_hub.hpp"

#include <algorithm>
#include <utility>

#include "plugins/runner/pattern.hpp"
#include "protocol/topic.hpp"

namespace tickcast::actors {
namespace {

using plugins::message;

message message_of(const std::shared_ptr<const plugins::topic_ref>& topic, const update& what) {
  message result{topic, what.seq, {}};
  if (const auto* trade = std::get_if<trade_change>(&what.change))
    result.what = trade->value;
  else if (const auto* quote = std::get_if<protocol::quote>(&what.change))
    result.what = *quote;
  else if (const auto* bar = std::get_if<protocol::bar>(&what.change))
    result.what = *bar;
  else if (const auto* point = std::get_if<indicator_change>(&what.change))
    result.what = std::make_shared<const std::string>(protocol::indicator_json(*point->names, point->value));
  else
    result.what = std::get<std::shared_ptr<const std::string>>(what.change);
  return result;
}

std::shared_ptr<const std::string> last_of(const indicator_view& of) {
  const auto points = of.points();
  if (points.empty()) return nullptr;
  return std::make_shared<const std::string>(protocol::indicator_json(of.output_names(), points.back()));
}

std::shared_ptr<const plugins::topic_history> history_of(const attached& where) {
  auto result = std::make_shared<plugins::topic_history>();
  result->epoch = where.epoch;
  if (!where.view) return result;
  if (const auto* trades = std::get_if<trade_view>(where.view.get()))
    result->trades = trades->last.to_vector();
  else if (const auto* quote = std::get_if<quote_view>(where.view.get()))
    result->quote = quote->best;
  else if (const auto* bars = std::get_if<bar_view>(where.view.get()))
    result->bars.assign(bars->bars.begin(), bars->bars.end());
  else if (const auto* values = std::get_if<indicator_view>(where.view.get()))
    result->event = last_of(*values);
  else
    result->event = std::get<event_view>(*where.view).last;
  return result;
}

protocol::topic_pattern glob_of(const std::string& pattern) {
  return {protocol::topic_pattern::kind::glob, pattern};
}

}  // namespace

plugin_hub::plugin_hub(caf::actor_config& cfg, host& where, plugin_board& board, hub_counters& counters)
    : hosted(cfg, where, board.parts().probes, {"plugin hub", "hub", "root/plugins", where.name()}),
      board_(board),
      counters_(counters),
      writers_(board.parts()) {}

plugin_hub::behavior_type plugin_hub::make_behavior() {
  set_down_handler([this](caf::down_msg& message) {
    writers_.ended(message.source.id());
    ask_again();
  });
  // Before anybody is asked: the answers go to the post.
  auto& routes = board_.parts().routes;
  routes.set_post(routes.plugin_post(), plugin_hub_actor(this));
  writers_.refresh(*this);
  // Plugins that were served by a hub before this one.
  for (const auto& each : board_.all())
    if (auto letters = each->letters())
      for (auto& pattern : each->seen->subscriptions()) on_subscribe({letters, pattern});
  return {
      [this](const updates& batch) { on_updates(batch); },
      [this](const attached& where) { on_attached(where); },
      [this](const topics_known& known) { on_known(known); },
      [this](const hub_subscribe& wish) { on_subscribe(wish); },
      [this](const hub_unsubscribe& wish) { on_unsubscribe(wish); },
      [this](const hub_refresh& wish) { on_refresh(wish); },
      [this](const hub_leave& wish) { on_leave(wish.to); },
  };
}

void plugin_hub::on_exit() {
  topics_.clear();
  tickets_.clear();
  globs_.clear();
  writers_.clear();
}

void plugin_hub::on_updates(const updates& batch) {
  touched_.clear();
  std::uint64_t delivered = 0;
  for (const auto& each : *batch.items) {
    const auto found = topics_.find(each.ticket);
    if (found == topics_.end()) continue;
    if (std::holds_alternative<amendment_change>(each.what->change)) {
      tell_anew(found->second);
      continue;
    }
    for (const auto& reader : found->second.readers) {
      if (reader.waits) continue;
      reader.to->put(message_of(found->second.ref, *each.what));
      ++delivered;
      auto* const to = reader.to.get();
      if (std::find(touched_.begin(), touched_.end(), to) == touched_.end()) touched_.push_back(to);
    }
  }
  for (auto* each : touched_) each->wake();
  bump(counters_.updates, batch.items->size());
  bump(counters_.deliveries, delivered);
}

// What a trade has become stands in the history, which the readers get once more.
void plugin_hub::tell_anew(hub_topic& topic) {
  writers_.refresh(*this);
  for (auto& reader : topic.readers) reader.asks = true;
  ask_for(topic);
}

void plugin_hub::on_attached(const attached& where) {
  const auto found = topics_.find(where.ticket);
  if (found == topics_.end()) return;
  std::shared_ptr<const plugins::topic_history> history;
  for (auto& reader : found->second.readers) {
    // Whoever is being served already knows, unless the count began anew.
    if (!reader.waits && !reader.asks && where.epoch == found->second.epoch) continue;
    if (!history) history = history_of(where);
    reader.waits = reader.asks = false;
    reader.to->put({found->second.ref, where.seq, history});
    reader.to->wake();
  }
  found->second.epoch = where.epoch;
}

void plugin_hub::on_known(const topics_known& known) {
  for (const auto& name : *known.names)
    for (const auto& [glob, readers] : globs_)
      if (plugins::matches(glob, name))
        for (const auto& each : readers) read(each, name, glob);
}

// ---- wishes

void plugin_hub::on_subscribe(const hub_subscribe& wish) {
  writers_.refresh(*this);
  if (!plugins::is_glob(wish.pattern)) {
    read(wish.to, wish.pattern, wish.pattern);
    return;
  }
  auto& readers = globs_[wish.pattern];
  if (std::find(readers.begin(), readers.end(), wish.to) == readers.end()) readers.push_back(wish.to);
  // Topics that are read already are told again, as new ones are.
  for (auto& [ticket, topic] : topics_)
    for (auto& reader : topic.readers)
      if (reader.to == wish.to && plugins::matches(wish.pattern, topic.ref->topic)) {
        reader.asks = true;
        ask_for(topic);
      }
  writers_.send(watch_topics{board_.parts().routes.plugin_post(), glob_of(wish.pattern)});
}

void plugin_hub::read(const inbox_ptr& who, const std::string& name, const std::string& pattern) {
  auto& ticket = tickets_[name];
  if (ticket == 0) {
    const auto parsed = protocol::parse_topic(name);
    if (!parsed) {
      tickets_.erase(name);
      return;
    }
    ticket = ++last_ticket_;
    topics_.emplace(ticket, hub_topic{std::make_shared<const plugins::topic_ref>(*parsed), ticket, {}, {}});
    counters_.topics.store(topics_.size(), std::memory_order_relaxed);
  }
  auto& topic = topics_.at(ticket);
  const auto mine = std::find_if(topic.readers.begin(), topic.readers.end(),
                                 [&](const reading& each) { return each.to == who; });
  const bool by_glob = plugins::is_glob(pattern);
  if (mine == topic.readers.end()) {
    topic.readers.push_back({who, {pattern}, true, false});
  } else if (std::find(mine->by.begin(), mine->by.end(), pattern) == mine->by.end()) {
    mine->by.push_back(pattern);
    if (by_glob) return;
    mine->asks = true;
  } else {
    // A name may be told more than once; a plugin that asks again wants the history again.
    if (by_glob) return;
    mine->asks = true;
  }
  ask_for(topic);
}

void plugin_hub::ask_for(const hub_topic& topic) {
  writers_.send(listen{topic.ref->topic, board_.parts().routes.plugin_post(), topic.ticket, value_alone});
}

void plugin_hub::on_refresh(const hub_refresh& wish) {
  writers_.refresh(*this);
  for (const auto& name : wish.topics) {
    const auto found = tickets_.find(name);
    if (found == tickets_.end()) continue;
    auto& topic = topics_.at(found->second);
    for (auto& reader : topic.readers)
      if (reader.to == wish.to) {
        reader.asks = true;
        ask_for(topic);
      }
  }
}

void plugin_hub::on_unsubscribe(const hub_unsubscribe& wish) {
  writers_.refresh(*this);
  drop_pattern(wish.to, wish.pattern);
  drop_empty();
}

void plugin_hub::drop_pattern(const inbox_ptr& who, const std::string& pattern) {
  for (auto& [ticket, topic] : topics_) {
    for (auto& reader : topic.readers)
      if (reader.to == who) std::erase(reader.by, pattern);
    std::erase_if(topic.readers, [](const reading& each) { return each.by.empty(); });
  }
  const auto glob = globs_.find(pattern);
  if (glob == globs_.end()) return;
  std::erase(glob->second, who);
  if (!glob->second.empty()) return;
  writers_.send(unwatch_topics{board_.parts().routes.plugin_post(), glob_of(pattern)});
  globs_.erase(glob);
}

void plugin_hub::on_leave(const inbox_ptr& who) {
  writers_.refresh(*this);
  std::vector<std::string> watched;
  for (const auto& [glob, readers] : globs_)
    if (std::find(readers.begin(), readers.end(), who) != readers.end()) watched.push_back(glob);
  for (const auto& glob : watched) drop_pattern(who, glob);
  for (auto& [ticket, topic] : topics_)
    std::erase_if(topic.readers, [&](const reading& each) { return each.to == who; });
  drop_empty();
}

void plugin_hub::drop_empty() {
  std::erase_if(topics_, [this](const auto& item) {
    const auto& topic = item.second;
    if (!topic.readers.empty()) return false;
    writers_.send(listen{topic.ref->topic, board_.parts().routes.plugin_post(), topic.ticket, 0});
    tickets_.erase(topic.ref->topic);
    return true;
  });
  counters_.topics.store(topics_.size(), std::memory_order_relaxed);
}

// ---- writers that end

void plugin_hub::ask_again() {
  if (std::exchange(asking_again_, true)) return;
  after(writers::look_again_after, [this, before = writers_.version()] {
    asking_again_ = false;
    writers_.refresh(*this);
    if (writers_.version() == before) {
      ask_again();
      return;
    }
    for (auto& [ticket, topic] : topics_) {
      // What the end of the writer swallowed is in the history.
      for (auto& reader : topic.readers) reader.asks = true;
      ask_for(topic);
    }
    for (const auto& [glob, readers] : globs_)
      writers_.send(watch_topics{board_.parts().routes.plugin_post(), glob_of(glob)});
  });
}

}  // namespace tickcast::actors
