#include "net/api/past_desk.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "net/api/api_sources.hpp"
#include "net/api/past.hpp"
#include "protocol/topic.hpp"

namespace tickcast::net::api {
namespace {

using protocol::error_code;

/// One command on its way; when it is lost on it, the client gets a temporary error.
struct errand {
  errand(std::uint64_t command, protocol::history_command question, protocol::encoding encoding,
         const protocol::field_mask* shown, std::int64_t late_ms, actors::history_desk::taker back)
      : id(command),
        what(std::move(question)),
        as(encoding),
        mask(shown),
        delay_ms(late_ms),
        done(std::move(back)) {}
  errand(const errand&) = delete;
  errand& operator=(const errand&) = delete;
  ~errand() {
    if (done)
      refuse(error_code::internal, "a part of the server is just being restarted: send the command again");
  }

  void reply(protocol::frame_ptr frame) { std::exchange(done, nullptr)(std::move(frame)); }
  void reply_in_form(const protocol::frame_ptr& whole) {
    reply(mask ? protocol::mask_history(as, *whole, *mask) : whole);
  }
  void refuse(error_code code, std::string_view why) { reply(protocol::encode_error(as, id, code, why)); }

  const std::uint64_t id;
  const protocol::history_command what;
  const protocol::encoding as;
  const protocol::field_mask* const mask;  ///< null: all fields
  const std::int64_t delay_ms;
  actors::history_desk::taker done;
};

std::optional<std::int64_t> in_ns(const std::optional<std::int64_t>& us) {
  // Beyond what nanoseconds can say lies nothing either way.
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 1000;
  if (!us) return std::nullopt;
  return std::clamp(*us, -most, most) * 1000;
}

template <class Row, class Joined>
void read_rows(errand& on, const Joined& joined, const actors::topic_sight& now) {
  const auto which = make_range(in_ns(on.what.from_us), in_ns(on.what.to_us), on.what.limit);
  const auto found = read_page<Row>(joined, which);
  if (!found) return on.refuse(error_code::internal, found.error().message);
  const bool newest = which.which == store::keep::newest;
  protocol::history_head head{{on.what.topic, now.epoch, now.seq},
                              (newest ? found->previous_us : found->next_us).has_value()};
  // Rows that come late belong to no position of now.
  if (on.delay_ms > 0) head.position = {on.what.topic, {}, 0, on.delay_ms};
  on.reply_in_form(protocol::encode_history_reply(on.as, on.id, head, std::span<const Row>(found->rows)));
}

void read(errand& on, const store::history& past, const std::function<void()>& catch_up,
          const actors::topic_sight& now) {
  const auto name = protocol::parse_topic(on.what.topic);
  const auto end_ns = end_of_past(*name, on.delay_ms, utc_ns());
  if (!end_ns)
    return on.refuse(error_code::not_available,
                     "bars by count have no end of their own: their past cannot be had delayed");
  std::string symbol(name->name);
  if (name->kind == protocol::topic_kind::bar)
    read_rows<protocol::bar>(
        on, joined_bars(past, std::string(name->interval_text), std::move(symbol), now, *end_ns), now);
  else
    read_rows<protocol::trade>(on, joined_trades(past, std::move(symbol), now, catch_up, *end_ns), now);
}

/// The newest messages that are kept of an event topic.
void read_events(errand& on, const actors::topic_sight& now) {
  const auto* view = now.view ? std::get_if<actors::event_view>(now.view.get()) : nullptr;
  std::vector<protocol::past_event> events;
  const auto kept = view ? view->kept.size() : 0;
  const auto first = kept - std::min(kept, on.what.limit);
  for (auto i = first; i < kept; ++i) events.push_back({view->kept[i].seq, *view->kept[i].data});
  const protocol::history_head head{{on.what.topic, now.epoch, now.seq}, first > 0};
  on.reply_in_form(
      protocol::encode_history_reply(on.as, on.id, head, std::span<const protocol::past_event>(events)));
}

}  // namespace

void past_desk::answer(std::uint64_t id, const protocol::history_command& what,
                       const access::topic_form& form, protocol::encoding as, taker done) {
  const auto* mask = form.mask == 0 ? nullptr : &engine_.rules->mask(form.mask);
  const auto on = std::make_shared<errand>(id, what, as, mask, form.delay_ms, std::move(done));
  const auto name = protocol::parse_topic(what.topic);
  const bool is_series = name->has_symbol();
  auto read_on = [this, on, is_series](std::optional<actors::topic_sight> seen) {
    if (!seen) return;
    const bool taken = threads_.hand([this, on, is_series, seen = std::move(*seen)] {
      if (is_series)
        read(*on, past_, catch_up_, seen);
      else
        read_events(*on, seen);
    });
    if (!taken)
      on->refuse(error_code::too_many_requests, "too many reads wait: send the command again in a second");
  };
  if (is_series)
    look_at(engine_, what.topic, name->name, std::move(read_on));
  else
    look_at_event(engine_, what.topic, std::move(read_on));
}

}  // namespace tickcast::net::api
