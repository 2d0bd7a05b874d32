#include "feeds/simulator_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tickcast::feeds {
namespace {

constexpr std::int64_t longest_lag_ns = 1'000'000'000;

}  // namespace

simulator_source::simulator_source(std::vector<simulated_instrument> instruments, std::uint64_t seed,
                                   feed_clock& clock)
    : clock_(clock),
      market_(std::move(instruments), seed),
      seed_(seed),
      ids_from_(static_cast<std::uint64_t>(clock.wall_ns() / 1000)) {
  if (market_.symbols() == 0)
    throw feed_error("the simulator needs at least one symbol: set simulator.symbols");
  next_ = market_.next();
}

std::string simulator_source::endpoint() const {
  return fmt::format("simulator, {} symbols, seed {}", market_.symbols(), seed_);
}

void simulator_source::send(simulated_event&& event, protocol::feed_sink& sink) {
  last_time_ns_ = std::max(last_time_ns_, clock_.wall_ns());
  ++sent_;
  if (auto* trade = std::get_if<protocol::trade>(&event.value)) {
    trade->time_ns = last_time_ns_;
    // An engine that keeps history knows the ids of an earlier life and would take these for repeats.
    trade->id.number += ids_from_;
    sink.on_trade(*event.symbol, std::move(*trade), sent_);
  } else {
    auto& quote = std::get<protocol::quote>(event.value);
    quote.time_ns = last_time_ns_;
    sink.on_quote(*event.symbol, std::move(quote), sent_);
  }
}

void simulator_source::run(const stop_signal& stop, feed_out& out) {
  std::int64_t opened_ns = clock_.steady_ns() - next_.at_ns;
  while (!stop.requested()) {
    if (!out.may_read() && !wait_readable(out.credit_fd(), stop)) break;
    if (!clock_.sleep_until(opened_ns + next_.at_ns, stop)) break;
    const auto now = clock_.steady_ns();
    if (now - (opened_ns + next_.at_ns) > longest_lag_ns) opened_ns = now - next_.at_ns;
    for (; opened_ns + next_.at_ns <= now; next_ = market_.next()) send(std::move(next_), out.sink());
    out.flush();
  }
}

}  // namespace tickcast::feeds
