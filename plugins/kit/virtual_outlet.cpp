#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "plugins/kit/virtual_engine.hpp"
#include "store/whole_times.hpp"

// What the plugin asks of the virtual engine, and what it tells it.
namespace tickcast::plugins {
namespace {

constexpr const char* epoch = "virtual";

template <class T>
T or_throw(protocol::expected<T> result) {
  if (!result) throw std::runtime_error(fmt::format("history cannot be read: {}", result.error().message));
  return std::move(*result);
}

store::range range_of(const past& which) {
  return {which.from_ns, which.to_ns, which.most, which.newest ? store::keep::newest : store::keep::oldest};
}

}  // namespace

void virtual_engine::tell_history(virtual_topic& of) {
  auto whole = std::make_shared<topic_history>();
  if (of.seq > 0) whole->epoch = epoch;
  const auto& ref = *of.ref;
  const auto newest = [](std::size_t most) { return past_request{0, {}, past::last(most)}; };
  if (ref.kind == protocol::topic_kind::trade)
    whole->trades = read_past(of, newest(history::most_trades)).trades;
  if (ref.kind == protocol::topic_kind::bar) whole->bars = read_past(of, newest(history::most_bars)).bars;
  if (ref.kind == protocol::topic_kind::quote) {
    whole->quote = of.quote;
    if (!of.quote && options_.kept) {
      store::range last;
      last.to_ns = now_;
      last.limit = 1;
      const auto before = or_throw(options_.kept->quotes(ref.symbol, last));
      if (!before.empty()) whole->quote = before.back();
    }
  }
  whole->event = of.event;
  of.told = true;
  runner_->handle({of.ref, of.seq, std::shared_ptr<const topic_history>(std::move(whole))});
}

void virtual_engine::subscribe(const std::string& pattern) {
  pending_.push_back(pattern);
}

void virtual_engine::unsubscribe(const std::string& pattern) {
  std::erase(patterns_, pattern);
  std::erase(pending_, pattern);
  ++wishes_;
  for (auto& [name, topic] : topics_) topic.told = topic.told && wants(name);
}

past_answer virtual_engine::read_past(const virtual_topic& of, const past_request& what) {
  past_answer result;
  result.id = what.id;
  result.seq = of.seq;
  if (of.seq > 0) result.epoch = epoch;
  const auto& ref = *of.ref;
  if (ref.kind == protocol::topic_kind::trade) {
    auto found = or_throw(store::read_stretch<protocol::trade>(
        range_of(what.which), [&](const auto& part) { return of.read_trades(options_.kept, now_, part); }));
    result.trades = std::move(found.rows);
    result.more = found.more;
  } else {
    const auto ended_ns = ended_before(ref.symbol, ref.interval);
    auto found = or_throw(store::read_stretch<protocol::bar>(
        range_of(what.which), [&](const auto& part) { return of.read_bars(options_.kept, ended_ns, part); }));
    result.bars = std::move(found.rows);
    result.more = found.more;
  }
  return result;
}

std::int64_t virtual_engine::ended_before(const std::string& symbol, const std::string& interval) {
  if (!options_.kept) return now_;
  if (const auto span = span_of(symbol, interval, now_)) return span->time_ns;
  // One of ticks, volume or value is over when the next begins.
  store::range last;
  last.to_ns = now_;
  last.limit = 1;
  const auto found = or_throw(options_.kept->bars(interval, symbol, last));
  return found.empty() ? now_ : found.back().time_ns;
}

void virtual_engine::read(const past_request& what) {
  auto& of = topic_of(what.topic);
  auto answer = std::make_shared<const past_answer>(read_past(of, what));
  answers_.push_back({of.ref, of.seq, std::move(answer)});
}

void virtual_engine::ask(std::string_view plugin, std::uint64_t id, std::string&& question) {
  if (!taps_.asked) return;
  const auto given = taps_.asked(plugin, json::parse(question));
  if (!given) return;
  answers_.push_back(
      {nullptr, 0, answer_text{id, given->ok, given->ok ? given->value.dump() : given->error}});
}

void virtual_engine::reply(std::uint64_t, bool ok, std::string&& text) {
  last_answer_ = {ok, ok ? json::parse(text) : json(), ok ? std::string() : text};
}

void virtual_engine::log(log_level level, std::string_view text) {
  if (taps_.logged) taps_.logged(level, text);
}

// ---- what it publishes

published virtual_engine::tell_out(std::string_view topic, std::string&& json_text) {
  if (taps_.published) taps_.published(now_, topic, std::move(json_text));
  return published::sent;
}

published virtual_engine::event(std::string_view topic, std::string&& text) {
  return tell_out(topic, std::move(text));
}

published virtual_engine::trade(std::string_view symbol, const protocol::trade& value) {
  return tell_out(fmt::format("trade.{}", symbol),
                  fmt::format(R"({{"time":{},"price":{},"size":{}}})", value.time_ns, value.price.to_string(),
                              value.size.to_string()));
}

published virtual_engine::quote(std::string_view symbol, const protocol::quote& value) {
  return tell_out(fmt::format("quote.{}", symbol),
                  fmt::format(R"({{"time":{},"bid":{},"bid_size":{},"ask":{},"ask_size":{}}})", value.time_ns,
                              value.bid.to_string(), value.bid_size.to_string(), value.ask.to_string(),
                              value.ask_size.to_string()));
}

published virtual_engine::bar(std::string_view symbol, std::string_view interval,
                              const protocol::bar& value) {
  return tell_out(
      fmt::format("bar.{}.{}", interval, symbol),
      fmt::format(
          R"({{"time":{},"open":{},"high":{},"low":{},"close":{},"volume":{},"value":{},"trades":{},"closed":{},"rev":{}}})",
          value.time_ns, value.open.to_string(), value.high.to_string(), value.low.to_string(),
          value.close.to_string(), value.volume.to_string(), value.value.to_string(), value.trades,
          value.closed, value.rev));
}

}  // namespace tickcast::plugins
