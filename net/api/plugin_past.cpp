#include "net/api/plugin_past.hpp"

#include <memory>
#include <string>
#include <utility>

#include "net/api/api_sources.hpp"
#include "net/api/past.hpp"
#include "protocol/topic.hpp"
#include "store/whole_times.hpp"

namespace tickcast::net::api {
namespace {

using plugins::past_answer;
using plugins::past_error;

/// One question on its way; when it is lost on it, it was busy.
struct past_errand {
  past_errand(plugins::past_request question, actors::past_desk::taker back)
      : what(std::move(question)), done(std::move(back)) {}
  past_errand(const past_errand&) = delete;
  past_errand& operator=(const past_errand&) = delete;
  ~past_errand() {
    if (done) refuse(past_error::busy, "a part of the server is just being restarted");
  }

  void reply(past_answer answer) {
    answer.id = what.id;
    std::exchange(done, nullptr)(std::make_shared<const past_answer>(std::move(answer)));
  }
  void refuse(past_error code, std::string why) {
    past_answer answer;
    answer.code = code;
    answer.error = std::move(why);
    reply(std::move(answer));
  }

  const plugins::past_request what;
  actors::past_desk::taker done;
};

template <class Row, class Joined>
void read_rows(past_errand& on, const Joined& joined, const actors::topic_sight& now,
               std::vector<Row> past_answer::*rows) {
  const auto& which = on.what.which;
  const store::range range{which.from_ns, which.to_ns, which.most,
                           which.newest ? store::keep::newest : store::keep::oldest};
  auto found = store::read_stretch<Row>(range, [&](const store::range& part) { return joined.read(part); });
  if (!found) return on.refuse(past_error::failed, std::move(found.error().message));
  past_answer answer;
  answer.epoch = now.epoch;
  answer.seq = now.seq;
  answer.more = found->more;
  answer.*rows = std::move(found->rows);
  on.reply(std::move(answer));
}

void answer(past_errand& on, const store::history& past, const std::function<void()>& catch_up,
            const actors::topic_sight& now) {
  const auto name = protocol::parse_topic(on.what.topic);
  std::string symbol(name->name);
  if (name->kind == protocol::topic_kind::bar)
    read_rows(on, joined_bars(past, std::string(name->interval_text), std::move(symbol), now), now,
              &past_answer::bars);
  else
    read_rows(on, joined_trades(past, std::move(symbol), now, catch_up), now, &past_answer::trades);
}

}  // namespace

void plugin_past::read(const plugins::past_request& what, taker done) {
  const auto on = std::make_shared<past_errand>(what, std::move(done));
  const auto name = protocol::parse_topic(what.topic);
  if (!name || (name->kind != protocol::topic_kind::bar && name->kind != protocol::topic_kind::trade))
    return on->refuse(past_error::bad_request, "the past of trades and bars is kept, of nothing else");
  look_at(engine_, what.topic, name->name, [this, on](std::optional<actors::topic_sight> seen) {
    if (!seen) return;
    if (!threads_.hand([this, on, seen = std::move(*seen)] { answer(*on, past_, catch_up_, seen); }))
      on->refuse(past_error::busy, "too many reads of history wait");
  });
}

}  // namespace tickcast::net::api
