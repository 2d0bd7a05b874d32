#include "actors/topics/indicator_desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "actors/runtime/log.hpp"
#include "analytics/indicators/call.hpp"

namespace tickcast::actors {
namespace {

using analytics::indicators::parse_call;
using protocol::error_code;

std::string interval_names(const bar_forms& forms) {
  std::string result;
  for (const auto& each : forms.intervals) result += (result.empty() ? "" : ", ") + each.name;
  return result;
}

std::size_t topics_of(const quote_place& place) {
  std::size_t result = 0;
  place.state.each_series([&](const bar_series& series) {
    if (const auto* live = series.indicators()) live->each_topic([&](auto&, auto&) { ++result; });
  });
  return result;
}

attached unwritten(std::uint64_t ticket) {
  return {ticket, {}, 0, no_feed, false, nullptr};
}

/// On a reader thread, where what is thrown must not leave the indicator's listeners without an answer.
std::shared_ptr<protocol::expected<indicator_seed>> carry_out(const engine& parts, const seed_order& order) {
  using outcome = protocol::expected<indicator_seed>;
  try {
    if (parts.keep.catch_up) parts.keep.catch_up();
    return std::make_shared<outcome>(order.carry_out(parts.keep.past));
  } catch (const std::exception& why) {
    return std::make_shared<outcome>(
        protocol::unexpected(protocol::error{protocol::errc::storage, why.what()}));
  }
}

}  // namespace

void indicator_desk::begin() {
  table_.each([](quote_place& place) {
    place.state.each_series([](bar_series& series) { series.drop_indicators(); });
  });
  count();
}

// ---- wishes

void indicator_desk::listen(const struct listen& wish, const protocol::topic_name& name,
                            const switchboard::lines& lines, time_point now) {
  if (wish.classes == 0) return leave(wish, name, now);
  const auto why_not = try_listen(wish, name, lines, now);
  if (!why_not) return;
  bump(counters_.refused);
  auto answer = unwritten(wish.ticket);
  answer.refused = std::make_shared<const refusal>(*why_not);
  tell(lines.posts[wish.post], std::move(answer));
}

std::optional<listen_refusal> indicator_desk::try_listen(const struct listen& wish,
                                                         const protocol::topic_name& name,
                                                         const switchboard::lines& lines, time_point now) {
  auto call = parse_call(name.call);
  if (!call) return refusal{error_code::unknown_topic, std::move(call.error().message)};
  if (call->look_back() > longest_look_back)
    return refusal{
        error_code::limit_exceeded,
        fmt::format("live indicators look back {} bars at most, {} needs {}; over HTTP it can be had",
                    longest_look_back, call->canonical, call->look_back())};
  const auto* of = engine_.symbols.find(name.name);
  auto* place = of ? table_.find(of->id) : nullptr;
  auto* series = place ? place->state.series_of(name.interval_text) : nullptr;
  if (!series) {
    if (auto why_not = check_waiting(name)) return why_not;
    wait(wish, name, lines);
    return std::nullopt;
  }
  auto& live = series->open_indicators(place->state.hours());
  auto* which = live.find(call->canonical);
  live_indicator::topic* topic = nullptr;
  if (which)
    for (auto& each : which->topics())
      if (each->out.topic() == wish.topic) topic = each.get();
  if (!topic) {
    if (auto why_not = check_room(*place)) return why_not;
    engine_.indicator_topics.fetch_add(1, std::memory_order_relaxed);
    indicator_seat seat(&engine_.indicator_topics);
    if (!which) which = &live.add(*call);
    topic = &which->add_topic(wish.topic, *call, std::move(seat));
    symbols_.insert(of->id);
    if (!watches_.empty()) watches_.tell_known({wish.topic}, lines);
  }
  // While nobody listened to the series its indicators have followed closed bars alone.
  if (!series->is_listened() && which->is() == live_indicator::stage::following) which->drop_state();
  topic->out.set_listener({wish.post, wish.ticket, wish.classes});
  topic->left_at = now;
  if (which->is() == live_indicator::stage::following)
    tell(lines.posts[wish.post], place->position(topic->out, wish.ticket));
  else if (which->is() == live_indicator::stage::due)
    seed(*place, *series, *which);
  return std::nullopt;
}

std::optional<listen_refusal> indicator_desk::check_waiting(const protocol::topic_name& name) const {
  const auto& known = engine_.bars.intervals;
  if (std::any_of(known.begin(), known.end(),
                  [&](const auto& each) { return each.name == name.interval_text; }))
    return std::nullopt;
  return refusal{error_code::unknown_topic, fmt::format("there are no bars of {} here; there are {}",
                                                        name.interval_text, interval_names(engine_.bars))};
}

std::optional<listen_refusal> indicator_desk::check_room(const quote_place& place) const {
  const auto& limits = engine_.settings.limits;
  if (topics_of(place) >= limits.indicators_per_symbol)
    return refusal{error_code::limit_exceeded,
                   fmt::format("{} has {} topics of indicators already (limits.indicators_per_symbol)",
                               place.state.of().name, limits.indicators_per_symbol)};
  if (engine_.indicator_topics.load(std::memory_order_relaxed) >= limits.indicators)
    return refusal{error_code::limit_exceeded,
                   fmt::format("this server has {} topics of indicators already (limits.indicators)",
                               limits.indicators)};
  return std::nullopt;
}

void indicator_desk::leave(const struct listen& wish, const protocol::topic_name& name, time_point now) {
  unwait(wish, name);
  const auto* of = engine_.symbols.find(name.name);
  auto* place = of ? table_.find(of->id) : nullptr;
  auto* series = place ? place->state.series_of(name.interval_text) : nullptr;
  if (!series || !series->indicators()) return;
  series->indicators()->each_topic([&](auto&, live_indicator::topic& topic) {
    if (topic.out.topic() != wish.topic) return;
    topic.out.set_listener({wish.post, wish.ticket, 0});
    topic.left_at = now;
  });
}

void indicator_desk::wait(const struct listen& wish, const protocol::topic_name& name,
                          const switchboard::lines& lines) {
  unwait(wish, name);
  waiting_[std::string(name.name)].push_back(wish);
  ++waiting_count_;
  tell(lines.posts[wish.post], unwritten(wish.ticket));
}

void indicator_desk::unwait(const struct listen& wish, const protocol::topic_name& name) {
  const auto found = waiting_.find(std::string(name.name));
  if (found == waiting_.end()) return;
  waiting_count_ -= std::erase_if(found->second, [&](const struct listen& each) {
    return each.post == wish.post && each.topic == wish.topic;
  });
  if (found->second.empty()) waiting_.erase(found);
}

void indicator_desk::serve_waiting(quote_place& place, const switchboard::lines& lines, time_point now) {
  if (waiting_.empty()) return;
  auto node = waiting_.extract(place.state.of().name);
  if (!node) return;
  waiting_count_ -= node.mapped().size();
  for (const auto& wish : node.mapped())
    if (const auto name = protocol::parse_topic(wish.topic)) listen(wish, *name, lines, now);
}

// ---- seeds

/// One seeding under way; given back wherever its job ends, also unrun.
class indicator_desk::slot {
public:
  explicit slot(std::shared_ptr<std::atomic<std::uint32_t>> of) : of_(std::move(of)) { ++*of_; }
  slot(const slot&) = delete;
  slot& operator=(const slot&) = delete;
  ~slot() { --*of_; }

private:
  std::shared_ptr<std::atomic<std::uint32_t>> of_;
};

void indicator_desk::seed(quote_place& place, bar_series& series, live_indicator& which) {
  // Others read history, too: the rest stays due.
  if (under_way_->load() >= most_under_way) return;
  auto order = std::make_shared<const seed_order>(series.order_seed(which.what(), place.state.of().name));
  const auto number = which.begin_seed();
  bump(counters_.seeds);
  auto& parts = engine_;
  auto work = [&parts, order, number, shard = shard_, id = place.state.of().id,
               held = std::make_shared<slot>(under_way_)]() mutable {
    auto made = carry_out(parts, *order);
    held.reset();
    tell(parts.routes.dispatcher(shard),
         indicator_seeded{id, order->interval, order->what.canonical, number, std::move(made)});
  };
  if (!parts.keep.read_aside) return work();
  if (parts.keep.read_aside(std::move(work))) return;
  which.fail_seed(number);
  bump(counters_.seed_failures);
}

void indicator_desk::seeded(const indicator_seeded& result, const switchboard::lines& lines) {
  adopt(result, lines);
  seed_due();
}

void indicator_desk::adopt(const indicator_seeded& result, const switchboard::lines& lines) {
  auto* place = table_.find(result.symbol_id);
  auto* series = place ? place->state.series_of(result.interval) : nullptr;
  auto* which = series && series->indicators() ? series->indicators()->find(result.call) : nullptr;
  if (!which) return;
  if (!*result.seed) {
    bump(counters_.seed_failures);
    if (which->fail_seed(result.number))
      log(component::topics)
          .error("indicator {} over {} bars of {} cannot be seeded, tried again every second: {}",
                 result.call, result.interval, place->state.of().name, result.seed->error().message);
    // Those who came since the last time, too.
    tell_unwritten(*which, lines);
    return;
  }
  if (series->adopt(*which, result.number, std::move(**result.seed)))
    tell_all(*place, *which, lines);
  else if (which->is() == live_indicator::stage::due)
    seed(*place, *series, *which);
}

void indicator_desk::seed_anew(quote_place& place) {
  place.state.each_series([](bar_series& series) {
    if (auto* live = series.indicators()) live->each([](live_indicator& each) { each.drop_state(); });
  });
}

void indicator_desk::tell_all(const quote_place& place, live_indicator& which,
                              const switchboard::lines& lines) const {
  for (const auto& topic : which.topics())
    for (const auto& who : topic->out.listeners())
      tell(lines.posts[who.post], place.position(topic->out, who.ticket));
}

void indicator_desk::tell_unwritten(live_indicator& which, const switchboard::lines& lines) const {
  for (const auto& topic : which.topics())
    for (const auto& who : topic->out.listeners()) tell(lines.posts[who.post], unwritten(who.ticket));
}

void indicator_desk::seed_due() {
  for (const auto id : symbols_) {
    if (under_way_->load() >= most_under_way) return;
    if (auto* place = table_.find(id))
      place->state.each_series([&](bar_series& series) {
        if (series.indicators())
          series.indicators()->each([&](live_indicator& each) {
            if (each.is() == live_indicator::stage::due && !each.has_failed()) seed(*place, series, each);
          });
      });
  }
}

// ---- now and then

void indicator_desk::look(time_point now) {
  for (auto at = symbols_.begin(); at != symbols_.end();) {
    auto* place = table_.find(*at);
    bool any = false;
    if (place)
      place->state.each_series([&](bar_series& series) {
        if (!series.indicators()) return;
        drop_unused(series, now);
        if (!series.indicators()) return;
        any = true;
        series.indicators()->each([&](live_indicator& each) {
          if (each.is() == live_indicator::stage::due) seed(*place, series, each);
        });
      });
    at = any ? std::next(at) : symbols_.erase(at);
  }
  count();
}

void indicator_desk::drop_unused(bar_series& series, time_point now) {
  const std::chrono::milliseconds linger(engine_.settings.limits.indicator_linger_ms);
  auto& live = *series.indicators();
  live.each([&](live_indicator& each) {
    std::erase_if(each.topics(), [&](const auto& topic) {
      return topic->out.listeners().empty() && now - topic->left_at >= linger;
    });
  });
  live.drop_unused();
  if (live.empty()) series.drop_indicators();
}

void indicator_desk::count() {
  std::uint64_t topics = 0, computed = 0, seeding = 0;
  for (const auto id : symbols_)
    if (auto* place = table_.find(id))
      place->state.each_series([&](bar_series& series) {
        if (!series.indicators()) return;
        series.indicators()->each([&](live_indicator& each) {
          ++computed;
          topics += each.topics().size();
          seeding += each.is() == live_indicator::stage::following ? 0 : 1;
        });
      });
  counters_.topics.store(topics, std::memory_order_relaxed);
  counters_.computed.store(computed, std::memory_order_relaxed);
  counters_.seeding.store(seeding, std::memory_order_relaxed);
}

}  // namespace tickcast::actors
