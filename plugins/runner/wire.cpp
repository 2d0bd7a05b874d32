#include "plugins/runner/wire.hpp"

#include <array>
#include <stdexcept>

#include "protocol/topic.hpp"

namespace tickcast::plugins::wire {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

protocol::decimal decimal_of(const json& from) {
  return protocol::decimal::from_parts(from.at(0).get<std::int64_t>(), from.at(1).get<int>());
}

/// Names of handlers must outlive everybody who reads them.
const char* interned(std::string_view name) {
  static constexpr std::array names{
      "loading", "load",     "on_start",    "on_history", "on_trade", "on_quote", "on_bar", "on_event",
      "on_lost", "on_timer", "on_question", "on_answer",  "on_past",  "on_wake",  "save",   "on_stop"};
  for (const auto* each : names)
    if (name == each) return each;
  return "a handler";
}

template <class T>
json list_of(const std::vector<T>& values) {
  auto result = json::array();
  for (const auto& each : values) result.push_back(of(each));
  return result;
}

json history_of(const topic_history& whole) {
  json result{{"epoch", whole.epoch}, {"trades", list_of(whole.trades)}, {"bars", list_of(whole.bars)}};
  if (whole.quote) result["quote"] = of(*whole.quote);
  if (whole.event) result["event"] = *whole.event;
  return result;
}

std::shared_ptr<const topic_history> whole_of(const json& from) {
  auto result = std::make_shared<topic_history>();
  result->epoch = from.at("epoch");
  for (const auto& each : from.at("trades")) result->trades.push_back(trade_of(each));
  for (const auto& each : from.at("bars")) result->bars.push_back(bar_of(each));
  if (from.contains("quote")) result->quote = quote_of(from["quote"]);
  if (from.contains("event")) result->event = std::make_shared<const std::string>(from["event"]);
  return result;
}

json answer_of(const past_answer& given) {
  return {{"id", given.id},
          {"code", static_cast<int>(given.code)},
          {"error", given.error},
          {"epoch", given.epoch},
          {"seq", given.seq},
          {"more", given.more},
          {"trades", list_of(given.trades)},
          {"bars", list_of(given.bars)}};
}

std::shared_ptr<const past_answer> answer_in(const json& from) {
  auto result = std::make_shared<past_answer>();
  result->id = from.at("id");
  result->code = static_cast<past_error>(from.at("code").get<int>());
  result->error = from.at("error");
  result->epoch = from.at("epoch");
  result->seq = from.at("seq");
  result->more = from.at("more");
  for (const auto& each : from.at("trades")) result->trades.push_back(trade_of(each));
  for (const auto& each : from.at("bars")) result->bars.push_back(bar_of(each));
  return result;
}

}  // namespace

std::string pack(const json& what) {
  const auto bytes = json::to_msgpack(what);
  return {bytes.begin(), bytes.end()};
}

json unpack(std::string_view bytes) {
  auto result = json::from_msgpack(bytes);
  if (!result.is_object() || !result.contains("t")) throw std::runtime_error("a message without its kind");
  return result;
}

json of(protocol::decimal value) {
  return json::array({value.mantissa(), value.scale()});
}

json of(const protocol::trade& value) {
  json id;
  if (value.id.is == protocol::trade_id::kind::number) id = value.id.number;
  if (value.id.is == protocol::trade_id::kind::text) id = *value.id.text;
  return json::array(
      {value.time_ns, of(value.price), of(value.size), static_cast<int>(value.aggressor), std::move(id)});
}

json of(const protocol::quote& value) {
  return json::array({value.time_ns, of(value.bid), of(value.bid_size), of(value.ask), of(value.ask_size)});
}

json of(const protocol::bar& value) {
  return json::array({value.time_ns, of(value.open), of(value.high), of(value.low), of(value.close),
                      of(value.volume), value.trades, value.closed, of(value.value), value.rev});
}

protocol::trade trade_of(const json& from) {
  protocol::trade result{from.at(0),
                         decimal_of(from.at(1)),
                         decimal_of(from.at(2)),
                         static_cast<protocol::side>(from.at(3).get<int>()),
                         {}};
  const auto& id = from.at(4);
  if (id.is_number()) result.id = {protocol::trade_id::kind::number, id.get<std::uint64_t>(), nullptr};
  if (id.is_string())
    result.id = {protocol::trade_id::kind::text, 0,
                 std::make_shared<const std::string>(id.get<std::string>())};
  return result;
}

protocol::quote quote_of(const json& from) {
  return {from.at(0), decimal_of(from.at(1)), decimal_of(from.at(2)), decimal_of(from.at(3)),
          decimal_of(from.at(4))};
}

protocol::bar bar_of(const json& from) {
  return {from.at(0),
          decimal_of(from.at(1)),
          decimal_of(from.at(2)),
          decimal_of(from.at(3)),
          decimal_of(from.at(4)),
          decimal_of(from.at(5)),
          from.at(6),
          from.at(7),
          decimal_of(from.at(8)),
          from.at(9)};
}

json of(const message& what) {
  json body;
  if (const auto* trade = std::get_if<protocol::trade>(&what.what))
    body = of(*trade);
  else if (const auto* quote = std::get_if<protocol::quote>(&what.what))
    body = of(*quote);
  else if (const auto* bar = std::get_if<protocol::bar>(&what.what))
    body = of(*bar);
  else if (const auto* event = std::get_if<std::shared_ptr<const std::string>>(&what.what))
    body = **event;
  else if (const auto* whole = std::get_if<std::shared_ptr<const topic_history>>(&what.what))
    body = history_of(**whole);
  else if (const auto* past = std::get_if<std::shared_ptr<const past_answer>>(&what.what))
    body = answer_of(**past);
  else if (const auto* asked = std::get_if<question>(&what.what))
    body = json::array({asked->id, asked->from, asked->json_text});
  else {
    const auto& given = std::get<answer_text>(what.what);
    body = json::array({given.id, given.ok, given.text});
  }
  return json::array(
      {what.what.index(), what.topic ? what.topic->topic : std::string(), what.seq, std::move(body)});
}

message message_of(const json& from) {
  message result;
  const std::string topic = from.at(1);
  if (!topic.empty()) {
    const auto parsed = protocol::parse_topic(topic);
    if (!parsed) throw std::runtime_error("a message of what is no topic");
    result.topic = std::make_shared<const topic_ref>(*parsed);
  }
  result.seq = from.at(2);
  const auto& body = from.at(3);
  switch (from.at(0).get<std::size_t>()) {
    case 0:
      result.what = trade_of(body);
      break;
    case 1:
      result.what = quote_of(body);
      break;
    case 2:
      result.what = bar_of(body);
      break;
    case 3:
      result.what = std::make_shared<const std::string>(body.get<std::string>());
      break;
    case 4:
      result.what = whole_of(body);
      break;
    case 5:
      result.what = question{body.at(0), body.at(1), body.at(2)};
      break;
    case 7:
      result.what = answer_in(body);
      break;
    default:
      result.what = answer_text{body.at(0), body.at(1), body.at(2)};
  }
  return result;
}

json of(const past_request& what) {
  return {{"t", "read"},
          {"id", what.id},
          {"topic", what.topic},
          {"from", what.which.from_ns},
          {"to", what.which.to_ns},
          {"most", what.which.most},
          {"newest", what.which.newest}};
}

past_request request_of(const json& from) {
  return {from.at("id"), from.at("topic"),
          past{from.at("from"), from.at("to"), from.at("most"), from.at("newest")}};
}

json of(const run_end& end) {
  json result{{"t", "ended"}, {"how", static_cast<int>(end.how)}, {"error", end.error}};
  if (end.state) result["state"] = json::binary({end.state->begin(), end.state->end()});
  return result;
}

run_end end_of(const json& from) {
  run_end result{static_cast<run_end::why>(from.at("how").get<int>()), from.at("error"), {}};
  if (from.contains("state")) {
    const auto& bytes = from["state"].get_binary();
    result.state.emplace(bytes.begin(), bytes.end());
  }
  return result;
}

// ---- vitals

json of(const vitals& seen, const pulse& beat, std::int64_t steady_ns) {
  const auto began = beat.handler_began_ns.load(std::memory_order_acquire);
  auto classes = json::array();
  for (const auto& [index, count] : seen.times.classes()) classes.push_back(json::array({index, count}));
  return {{"t", "beat"},
          {"handler", beat.handler.load(relaxed)},
          {"running_ns", began == 0 ? -1 : steady_ns - began},
          {"times", std::move(classes)},
          {"longest_ns", seen.times.longest_ns()},
          {"handled", seen.handled.load(relaxed)},
          {"published", seen.published.load(relaxed)},
          {"over_budget", seen.over_budget.load(relaxed)},
          {"refused", seen.refused.load(relaxed)},
          {"metrics_refused", seen.metrics_refused.load(relaxed)},
          {"log_dropped", seen.log_dropped.load(relaxed)},
          {"counters", seen.counters()},
          {"gauges", seen.gauges()},
          {"subscriptions", seen.subscriptions()}};
}

std::uint64_t beat_reader::rise(const json& beat, const char* field) {
  return beat.at(field).get<std::uint64_t>() - last_.value(field, std::uint64_t{0});
}

void beat_reader::take(const json& beat, std::int64_t steady_ns) {
  pulse_.handler.store(interned(beat.at("handler").get<std::string>()), relaxed);
  const auto running = beat.at("running_ns").get<std::int64_t>();
  pulse_.handler_began_ns.store(running < 0 ? 0 : steady_ns - running, std::memory_order_release);
  to_.handled.fetch_add(rise(beat, "handled"), relaxed);
  to_.published.fetch_add(rise(beat, "published"), relaxed);
  to_.over_budget.fetch_add(rise(beat, "over_budget"), relaxed);
  to_.refused.fetch_add(rise(beat, "refused"), relaxed);
  to_.metrics_refused.fetch_add(rise(beat, "metrics_refused"), relaxed);
  to_.log_dropped.fetch_add(rise(beat, "log_dropped"), relaxed);
  const auto before_of = [this](const char* table, const std::string& key) {
    return last_.contains(table) ? last_[table].value(key, std::uint64_t{0}) : 0;
  };
  for (const auto& [name, value] : beat.at("counters").items())
    if (const auto more = value.get<std::uint64_t>() - before_of("counters", name); more > 0)
      to_.count(name, more);
  for (const auto& [name, value] : beat.at("gauges").items()) to_.gauge(name, value.get<double>());
  std::map<std::size_t, std::uint64_t> known;
  if (last_.contains("times"))
    for (const auto& each : last_["times"]) known[each.at(0)] = each.at(1);
  for (const auto& each : beat.at("times"))
    to_.times.merge(each.at(0), each.at(1).get<std::uint64_t>() - known[each.at(0)]);
  to_.times.merge_longest(beat.at("longest_ns"));
  to_.set_subscriptions(beat.at("subscriptions"));
  last_ = beat;
}

}  // namespace tickcast::plugins::wire
