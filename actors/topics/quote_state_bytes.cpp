#include <vector>

#include "actors/topics/quote_state.hpp"

namespace tickcast::actors {
namespace {

constexpr std::uint64_t version = 1;

void save_quote(protocol::byte_writer& to, const std::optional<protocol::quote>& value) {
  to.boolean(value.has_value());
  if (!value) return;
  to.whole(value->time_ns);
  for (const auto& each : {value->bid, value->bid_size, value->ask, value->ask_size}) to.number(each);
}

std::optional<protocol::quote> load_quote(protocol::byte_reader& from) {
  if (!from.boolean()) return std::nullopt;
  protocol::quote result;
  result.time_ns = from.whole();
  for (auto* each : {&result.bid, &result.bid_size, &result.ask, &result.ask_size}) *each = from.number();
  return result;
}

}  // namespace

// The whole in one text and each series in one of its own: what is not wanted can be passed over.
void quote_state::save(std::string& to, std::size_t closed_bars) const {
  std::string whole;
  protocol::byte_writer out(whole);
  out.natural(version);
  out.text(of_.name);
  out.text(epoch_);
  out.text(owner_->name);
  out.natural(trades_.seq());
  out.natural(quotes_.seq());
  out.natural(position_);
  out.whole(newest_ns_);
  out.whole(newest_quote_ns_);
  out.natural(late_);
  save_quote(out, best_);
  ids_.save(out);
  tape_.save(out);
  day_.save(out);
  out.natural(bars_.size());
  std::string one;
  for (const auto& each : bars_) {
    one.clear();
    protocol::byte_writer series(one);
    each.save(series, closed_bars);
    out.text(each.interval());
    out.boolean(each.fed());
    out.text(one);
  }
  protocol::byte_writer(to).text(whole);
}

bool quote_state::load(std::string_view& from, const feed_finder& feed_named) {
  protocol::byte_reader outer(from);
  protocol::byte_reader in(outer.text());
  if (in.natural() != version || in.text() != of_.name) return false;
  epoch_ = in.text();
  if (const auto* owner = feed_named(in.text())) owner_ = owner;
  trades_.resume(in.natural());
  quotes_.resume(in.natural());
  position_ = in.natural();
  newest_ns_ = in.whole();
  newest_quote_ns_ = in.whole();
  late_ = in.natural();
  best_ = load_quote(in);
  ids_.load(in);
  tape_.load(in);
  day_.load(in);
  const auto count = in.natural_to(most_series);
  // Trades on the tape have a bit for each series that they came too late for; what a new series has not
  // taken counts as left out of it.
  std::vector<std::uint32_t> bit_before(bars_.size(), 0);
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const auto interval = in.text();
    const bool fed = in.boolean();
    protocol::byte_reader one(in.text());
    auto* series = series_of(interval);
    if (!series && fed && protocol::parse_interval(interval))
      series = &bars_.emplace_back(of_.id, bar_topic(interval), std::string(interval),
                                   *protocol::parse_interval(interval), 0, true);
    if (!series) continue;
    const auto place = static_cast<std::size_t>(series - bars_.data());
    bit_before.resize(bars_.size(), 0);
    bit_before[place] = std::uint32_t{1} << i;
    series->load(one);
    if (!one.ok()) return false;
  }
  if (!in.ok()) return false;
  tape_.change_left_out([&](std::uint32_t before) {
    std::uint32_t result = before & day_bit;
    for (std::size_t i = 0; i < bars_.size(); ++i)
      if (bit_before[i] == 0 || (before & bit_before[i])) result |= std::uint32_t{1} << i;
    return result;
  });
  waiting_bars_ = false;
  closes_at_ = std::numeric_limits<std::int64_t>::max();
  for (const auto& each : bars_) {
    waiting_bars_ = waiting_bars_ || each.waits();
    closes_at_ = std::min(closes_at_, each.closes_at());
  }
  from = outer.left();
  return true;
}

bool quote_state::restore_bars(std::string_view interval, const std::vector<protocol::bar>& closed) {
  auto* series = series_of(interval);
  if (series) series->restore(closed);
  return series != nullptr;
}

void quote_state::take_again(const store::recovered_row& row) {
  struct nobody final : update_sink {
    void deliver(post_index, std::uint64_t, std::shared_ptr<const update>) override {}
  } sink;
  static thread_local std::vector<bar_plan> plans;
  static thread_local bar_counters counters;
  const turn now{0, std::numeric_limits<std::int64_t>::max(), sink, plans, counters};
  using kind = store::row_kind;
  if (row.kind == kind::trade)
    take(row.trade, *owner_, now);
  else if (row.kind == kind::quote)
    take(row.quote, *owner_, now);
  else
    take(protocol::trade_amendment{row.trade.id, row.trade.time_ns, row.kind == kind::cancel, row.trade.price,
                                   row.trade.size},
         *owner_, now);
  position_ = row.position;
}

}  // namespace tickcast::actors
