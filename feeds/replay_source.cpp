#include "feeds/replay_source.hpp"

#include <fmt/format.h>

#include <utility>

#include "actors/runtime/log.hpp"
#include "feeds/pace.hpp"

namespace tickcast::feeds {
namespace {

constexpr std::size_t turn_rows = 512;

}  // namespace

void send_row(const recorded_row& row, std::uint64_t feed_seq, protocol::feed_sink& sink) {
  if (const auto* trade = std::get_if<protocol::trade>(&row.value)) {
    sink.on_trade(row.symbol, protocol::trade(*trade), feed_seq);
  } else {
    sink.on_quote(row.symbol, protocol::quote(std::get<protocol::quote>(row.value)), feed_seq);
  }
}

replay_source::replay_source(replay_options options, feed_clock& clock)
    : options_(std::move(options)), clock_(clock) {}

void replay_source::open() {
  if (playback_) return;
  playback_.emplace(options_.what);
  actors::log(actors::component::feeds)
      .info("feed {} plays {} file(s) by {}", options_.name, options_.what.files.size(),
            playback_->time_columns());
}

std::string replay_source::endpoint() const {
  return playback_ ? fmt::format("{} by {}", fmt::join(options_.what.files, ","), playback_->time_columns())
                   : "";
}

bool replay_source::wait_for_credit(const stop_signal& stop, feed_out& out) {
  while (!stop.requested()) {
    if (out.may_read()) return true;
    out.flush();
    if (!wait_readable(out.credit_fd(), stop)) return false;
  }
  return false;
}

void replay_source::run(const stop_signal& stop, feed_out& out) {
  open();
  try {
    play(stop, out);
  } catch (...) {
    out.flush();
    throw;
  }
  out.flush();
  if (!stop.requested()) report_end();
}

void replay_source::play(const stop_signal& stop, feed_out& out) {
  pace schedule(options_.speed);
  std::size_t unsent = 0;
  // A run that follows a failed one begins its schedule anew, at the row that is next.
  for (const recorded_row* row = playback_->peek(); row != nullptr; row = playback_->peek()) {
    if (!schedule.is_max()) {
      const auto now = clock_.steady_ns();
      const auto due = schedule.due_ns(row->time_ns, now);
      if (due > now) {
        out.flush();
        unsent = 0;
        if (!clock_.sleep_until(due, stop)) return;
      }
    }
    if (unsent == 0 && !wait_for_credit(stop, out)) return;
    send_row(*row, playback_->number(), out.sink());
    playback_->pop();
    if (++unsent == turn_rows) {
      out.flush();
      unsent = 0;
    }
  }
}

void replay_source::report_end() {
  for (const auto& each : playback_->recordings()) {
    if (each.skipped() == 0) continue;
    actors::log(actors::component::feeds)
        .warn("feed {}: {} rows of {} could not be read: {}", options_.name, each.skipped(), each.path(),
              fmt::join(each.complaints(), "; "));
  }
  actors::log(actors::component::feeds)
      .info("feed {} has played {} rows to their end", options_.name, playback_->rows());
}

}  // namespace tickcast::feeds
