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

void apply_bar(bar_view& view, const protocol::bar& bar) {
  auto& bars = view.bars;
  if (!bars.empty() && bars.back().time_ns == bar.time_ns) {
    bars.back() = bar;
    return;
  }
  bars.make_room();
  bars.push(bar);
}

}  // namespace

void apply(topic_view& view, const topic_change& change) {
  std::visit(overloaded{
                 [&](const trade_change& c) {
                   auto& v = std::get<trade_view>(view);
                   v.last.make_room(c.value);
                   v.last.push(c.value);
                   v.day = c.day;
                 },
                 [&](const protocol::quote& c) { std::get<quote_view>(view).best = c; },
                 [&](const protocol::bar& c) { apply_bar(std::get<bar_view>(view), c); },
                 [&](const std::shared_ptr<const std::string>& c) { std::get<event_view>(view).last = c; },
             },
             change);
}

protocol::frame_ptr encode(protocol::encoding as, std::string_view topic, std::uint64_t seq,
                           const topic_change& change) {
  return std::visit(
      overloaded{
          [&](const trade_change& c) { return protocol::encode_update(as, topic, seq, c.value); },
          [&](const protocol::quote& c) { return protocol::encode_update(as, topic, seq, c); },
          [&](const protocol::bar& c) { return protocol::encode_update(as, topic, seq, c); },
          [&](const std::shared_ptr<const std::string>& c) {
            return protocol::encode_event_update(as, topic, seq, *c);
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
      },
      view);
}

}  // namespace tickcast::actors
