#include <fmt/format.h>

#include <utility>

#include "plugins/runner/handler_call.hpp"
#include "protocol/topic.hpp"

// What the runner's plugin asks of the past.
namespace tickcast::plugins {

std::string_view to_string(past_error code) noexcept {
  switch (code) {
    case past_error::none:
      return "none";
    case past_error::bad_request:
      return "bad request";
    case past_error::busy:
      return "busy";
    case past_error::failed:
      return "failed";
  }
  return "unknown";
}

void runner::read_trades(std::string_view symbol, const past& which, on_past_trades then) {
  read({fmt::format("trade.{}", symbol), std::move(then), {}}, which);
}

void runner::read_bars(std::string_view symbol, std::string_view interval, const past& which,
                       on_past_bars then) {
  read({fmt::format("bar.{}.{}", interval, symbol), {}, std::move(then)}, which);
}

void runner::read(open_read asked, const past& which) {
  const auto id = ++last_read_;
  if (reads_.size() >= most_questions) {
    spent_ = fmt::format("more than {} reads of history at once", most_questions);
    return;
  }
  if (!protocol::parse_topic(asked.topic)) {
    asked.refused = past_error::bad_request;
    asked.error = fmt::format("\"{}\" is no topic of trades or bars", asked.topic);
  } else if (which.most == 0 || which.most > past::most_rows || which.from_ns > which.to_ns) {
    asked.refused = past_error::bad_request;
    asked.error = fmt::format("ask for 1 to {} rows, from an earlier to a later time", past::most_rows);
  } else if (reads_under_way_ >= most_reads) {
    asked.refused = past_error::busy;
    asked.error = fmt::format("{} reads of history are under way", most_reads);
  }
  const bool refused = asked.refused != past_error::none;
  const auto& kept = reads_.emplace(id, std::move(asked)).first->second;
  // Answered in a turn of its own, as everything is.
  if (refused) {
    start_timer(0, 0, timer::whose::read, id);
    return;
  }
  ++reads_under_way_;
  outlet_.read({id, kept.topic, which});
}

void runner::handle_past(const past_answer& given) {
  if ((given.id & desk_bit) != 0) return deliver_all(desk_.take_past(given));
  const auto node = reads_.extract(given.id);
  if (node.empty()) return;
  const auto& asked = node.mapped();
  if (asked.refused == past_error::none) --reads_under_way_;
  const auto answer = [&](const auto& rows, const auto& then) {
    if (then)
      call("on_past", [&] {
        then({given.code, given.error, asked.topic, rows, given.more, given.epoch, given.seq});
      });
  };
  if (asked.trades) return answer(given.trades, asked.trades);
  answer(given.bars, asked.bars);
}

plugins::indicator runner::indicator(std::string_view symbol, std::string_view interval,
                                     std::string_view call) {
  auto made = desk_.add(symbol, interval, call);
  const auto topic = fmt::format("bar.{}.{}", interval, symbol);
  subscribe(topic);
  if (history_.knows(topic)) desk_.begin(topic);
  return made;
}

}  // namespace tickcast::plugins
