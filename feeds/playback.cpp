#include "feeds/playback.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "feeds/source.hpp"

namespace tickcast::feeds {
namespace {

constexpr std::int64_t seam_ns = 1'000'000'000;

}  // namespace

playback::playback(playback_options options) : options_(std::move(options)) {
  if (options_.files.empty()) throw feed_error("a replay needs at least one recording");
  open();
}

void playback::open() {
  std::deque<recording> opened;
  for (const auto& file : options_.files) opened.emplace_back(file, options_.reading);
  recordings_ = std::move(opened);
  current_ = nullptr;
}

recording* playback::oldest() {
  recording* result = nullptr;
  for (auto& each : recordings_) {
    const auto* row = each.peek();
    if (row != nullptr && (result == nullptr || row->time_ns < result->peek()->time_ns)) result = &each;
  }
  return result;
}

recorded_row* playback::peek() {
  if (current_ == nullptr) {
    current_ = oldest();
    if (current_ == nullptr && (!rewind() || (current_ = oldest()) == nullptr)) return nullptr;
    if (pass_ == 1) {
      note(*current_->peek());
    } else {
      shift(*current_->peek());
    }
  }
  return current_->peek();
}

void playback::pop() {
  // The number must not be given again when reading on fails.
  ++popped_;
  std::exchange(current_, nullptr)->pop();
}

bool playback::skip_to(std::uint64_t wanted, std::uint64_t most) {
  for (; number() < wanted && most > 0 && peek() != nullptr; --most) pop();
  return number() == wanted && peek() != nullptr;
}

bool playback::rewind() {
  if (!options_.loop || !earliest_ns_) return false;
  std::int64_t next_shift = 0;
  std::int64_t last_time = 0;
  if (__builtin_add_overflow(latest_ns_ - *earliest_ns_, seam_ns, &next_shift) ||
      __builtin_add_overflow(next_shift, shift_ns_, &next_shift) ||
      __builtin_add_overflow(next_shift, latest_ns_, &last_time)) {
    throw feed_error(
        fmt::format("after {} passes the recording's times would leave what nanoseconds can say; "
                    "start the replay again",
                    pass_));
  }
  const auto skipped_so_far = skipped();
  open();
  skipped_before_ = skipped_so_far;
  shift_ns_ = next_shift;
  ++pass_;
  return true;
}

void playback::note(const recorded_row& row) {
  latest_ns_ = earliest_ns_ ? std::max(latest_ns_, row.time_ns) : row.time_ns;
  earliest_ns_ = std::min(earliest_ns_.value_or(row.time_ns), row.time_ns);
  const auto* trade = std::get_if<protocol::trade>(&row.value);
  if (!options_.loop || trade == nullptr || trade->id.is != protocol::trade_id::kind::number) return;
  const auto [at, fresh] =
      ids_.try_emplace(std::string(row.symbol), id_span{trade->id.number, trade->id.number});
  at->second.lowest = std::min(at->second.lowest, trade->id.number);
  at->second.highest = std::max(at->second.highest, trade->id.number);
}

void playback::shift(recorded_row& row) const {
  row.time_ns += shift_ns_;
  if (auto* quote = std::get_if<protocol::quote>(&row.value)) {
    quote->time_ns += shift_ns_;
    return;
  }
  auto& trade = std::get<protocol::trade>(row.value);
  trade.time_ns += shift_ns_;
  if (trade.id.is == protocol::trade_id::kind::number) {
    // A symbol that the first pass did not have is one that was written into the file since.
    if (const auto span = ids_.find(std::string(row.symbol)); span != ids_.end()) {
      trade.id.number += (span->second.highest - span->second.lowest + 1) * (pass_ - 1);
    }
  } else if (trade.id.is == protocol::trade_id::kind::text) {
    trade.id.text = std::make_shared<const std::string>(fmt::format("{}#{}", *trade.id.text, pass_));
  }
}

std::uint64_t playback::skipped() const {
  auto result = skipped_before_;
  for (const auto& each : recordings_) result += each.skipped();
  return result;
}

std::string playback::time_columns() const {
  const auto first = recordings_.front().time_column();
  if (std::all_of(recordings_.begin(), recordings_.end(),
                  [&](const auto& r) { return r.time_column() == first; })) {
    return std::string(first);
  }
  std::string result;
  for (const auto& each : recordings_) {
    const auto name = std::string_view(each.path()).substr(each.path().rfind('/') + 1);
    result += fmt::format("{}{} ({})", result.empty() ? "" : ", ", each.time_column(), name);
  }
  return result;
}

}  // namespace tickcast::feeds
