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
         actors::history_desk::taker back)
      : id(command), what(std::move(question)), as(encoding), done(std::move(back)) {}
  errand(const errand&) = delete;
  errand& operator=(const errand&) = delete;
  ~errand() {
    if (done)
      refuse(error_code::internal, "a part of the server is just being restarted: send the command again");
  }

  void reply(protocol::frame_ptr frame) { std::exchange(done, nullptr)(std::move(frame)); }
  void refuse(error_code code, std::string_view why) { reply(protocol::encode_error(as, id, code, why)); }

  const std::uint64_t id;
  const protocol::history_command what;
  const protocol::encoding as;
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
  const protocol::history_head head{{on.what.topic, now.epoch, now.seq},
                                    (newest ? found->previous_us : found->next_us).has_value()};
  on.reply(protocol::encode_history_reply(on.as, on.id, head, std::span<const Row>(found->rows)));
}

void read(errand& on, const store::history& past, const std::function<void()>& catch_up,
          const actors::topic_sight& now) {
  const auto name = protocol::parse_topic(on.what.topic);
  std::string symbol(name->name);
  if (name->kind == protocol::topic_kind::bar)
    read_rows<protocol::bar>(on, joined_bars(past, std::string(name->interval_text), std::move(symbol), now),
                             now);
  else
    read_rows<protocol::trade>(on, joined_trades(past, std::move(symbol), now, catch_up), now);
}

}  // namespace

void past_desk::answer(std::uint64_t id, const protocol::history_command& what, protocol::encoding as,
                       taker done) {
  const auto on = std::make_shared<errand>(id, what, as, std::move(done));
  const auto name = protocol::parse_topic(what.topic);
  look_at(engine_, what.topic, name->name, [this, on](std::optional<actors::topic_sight> seen) {
    if (!seen) return;
    if (!threads_.hand([this, on, seen = std::move(*seen)] { read(*on, past_, catch_up_, seen); }))
      on->refuse(error_code::too_many_requests, "too many reads wait: send the command again in a second");
  });
}

}  // namespace tickcast::net::api
