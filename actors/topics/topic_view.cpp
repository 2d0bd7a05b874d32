#include "actors/topics/topic_view.hpp"

#include <algorithm>
#include <vector>

namespace tickcast::actors {
namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

bool is_before(const protocol::bar& bar, std::int64_t time_ns) noexcept {
  return bar.time_ns < time_ns;
}

}  // namespace

void bar_view::put(const protocol::bar& bar) noexcept {
  if (bars.empty() || bars.back().time_ns < bar.time_ns) return bars.push(bar);
  if (bars.back().time_ns == bar.time_ns) {
    bars.back() = bar;
    return;
  }
  const auto at = std::lower_bound(bars.begin(), bars.end(), bar.time_ns, is_before);
  if (at->time_ns == bar.time_ns)
    *at = bar;
  else
    bars.insert(at, bar);
}

const protocol::bar* bar_view::find(std::int64_t time_ns) const noexcept {
  const auto at = std::lower_bound(bars.begin(), bars.end(), time_ns, is_before);
  return at != bars.end() && at->time_ns == time_ns ? &*at : nullptr;
}

void event_view::put(std::uint64_t seq, const std::shared_ptr<const std::string>& data) {
  if (retained) last = data;
  if (keeps == 0) return;
  if (!kept.empty() && kept.back().seq + 1 != seq) kept.clear();
  kept.push_back({seq, data});
  if (kept.size() > keeps) kept.pop_front();
}

std::vector<protocol::indicator_point> indicator_view::points() const {
  std::vector<protocol::indicator_point> result;
  for (const auto& each : {closed_, forming_})
    if (each) result.push_back(*each);
  return result;
}

void indicator_view::put(const protocol::indicator_names& names,
                         const protocol::indicator_point& value) noexcept {
  names_ = names;
  if (!value.closed) {
    forming_ = value;
    return;
  }
  if (!closed_ || closed_->time_ns <= value.time_ns) closed_ = value;
  if (forming_ && forming_->time_ns <= value.time_ns) forming_.reset();
}

void apply(topic_view& view, std::uint64_t seq, const topic_change& change) {
  std::visit(overloaded{
                 [&](const trade_change& c) {
                   auto& v = std::get<trade_view>(view);
                   v.last.make_room(c.value);
                   v.last.push(c.value);
                   v.day = c.day;
                 },
                 [&](const amendment_change& c) {
                   auto& v = std::get<trade_view>(view);
                   v.last.amend(c.value);
                   v.day = c.day;
                 },
                 [&](const protocol::quote& c) { std::get<quote_view>(view).best = c; },
                 [&](const protocol::bar& c) {
                   auto& v = std::get<bar_view>(view);
                   v.bars.make_room();
                   v.put(c);
                 },
                 [&](const std::shared_ptr<const std::string>& c) { std::get<event_view>(view).put(seq, c); },
                 [&](const indicator_change& c) { std::get<indicator_view>(view).put(c.names, c.value); },
             },
             change);
}

protocol::frame_ptr encode(protocol::encoding as, std::string_view topic, std::uint64_t seq,
                           const topic_change& change) {
  return std::visit(
      overloaded{
          [&](const trade_change& c) { return protocol::encode_update(as, topic, seq, c.value); },
          [&](const amendment_change& c) { return protocol::encode_update(as, topic, seq, c.value, c.day); },
          [&](const protocol::quote& c) { return protocol::encode_update(as, topic, seq, c); },
          [&](const protocol::bar& c) { return protocol::encode_update(as, topic, seq, c); },
          [&](const std::shared_ptr<const std::string>& c) {
            return protocol::encode_event_update(as, topic, seq, *c);
          },
          [&](const indicator_change& c) {
            return protocol::encode_indicator_update(as, topic, seq, *c.names, c.value);
          },
      },
      change);
}

protocol::frame_ptr encode(protocol::encoding as, const protocol::snapshot_head& head,
                           const topic_view& view) {
  return std::visit(
      overloaded{
          [&](const trade_view& v) {
            return protocol::encode_trade_snapshot(as, head, v.last.to_vector(), v.day);
          },
          [&](const quote_view& v) { return protocol::encode_quote_snapshot(as, head, v.best); },
          [&](const bar_view& v) {
            const std::vector<protocol::bar> bars(v.bars.begin(), v.bars.end());
            return protocol::encode_bar_snapshot(as, head, bars);
          },
          [&](const event_view& v) {
            return protocol::encode_event_snapshot(as, head,
                                                   v.last ? std::string_view(*v.last) : std::string_view{});
          },
          [&](const indicator_view& v) {
            return protocol::encode_indicator_snapshot(as, head, v.output_names(), v.points());
          },
      },
      view);
}

}  // namespace tickcast::actors
