#include "feeds/egress_encoding.hpp"

#include <variant>
#include <vector>

namespace tickcast::feeds {
namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

}  // namespace

std::string encode(const protocol::egress_position& at, const actors::topic_change& change) {
  return std::visit(
      overloaded{
          [&](const actors::trade_change& c) { return protocol::encode_egress_update(at, c.value); },
          [&](const actors::amendment_change& c) {
            return protocol::encode_egress_update(at, c.value, c.day);
          },
          [&](const std::shared_ptr<const std::string>& c) { return protocol::encode_egress_event(at, *c); },
          [&](const actors::indicator_change& c) {
            return protocol::encode_egress_indicator(at, *c.names, c.value);
          },
          [&](const auto& c) { return protocol::encode_egress_update(at, c); },
      },
      change);
}

std::string encode(const protocol::snapshot_head& head, const actors::topic_view& view) {
  return std::visit(
      overloaded{
          [&](const actors::trade_view& v) {
            return protocol::encode_egress_snapshot(head, v.last.to_vector(), v.day);
          },
          [&](const actors::quote_view& v) { return protocol::encode_egress_snapshot(head, v.best); },
          [&](const actors::bar_view& v) {
            const std::vector<protocol::bar> bars(v.bars.begin(), v.bars.end());
            return protocol::encode_egress_snapshot(head, bars);
          },
          [&](const actors::event_view& v) {
            return protocol::encode_egress_event_snapshot(
                head, v.last ? std::string_view(*v.last) : std::string_view{});
          },
          [&](const actors::indicator_view& v) {
            return protocol::encode_egress_indicator_snapshot(head, v.output_names(), v.points());
          },
      },
      view);
}

bool has_content(const actors::topic_view& view) noexcept {
  return std::visit(overloaded{
                        [](const actors::trade_view& v) { return v.day.trades > 0; },
                        [](const actors::quote_view& v) { return v.best.has_value(); },
                        [](const actors::bar_view& v) { return !v.bars.empty(); },
                        [](const actors::event_view& v) { return v.last != nullptr; },
                        [](const actors::indicator_view& v) { return !v.points().empty(); },
                    },
                    view);
}

}  // namespace tickcast::feeds
