#include "actors/topics/live_indicators.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "analytics/indicators/batch.hpp"
#include "tests/support/kept_history.hpp"

namespace tickcast::tests {
namespace {

using actors::live_indicator;
using analytics::indicators::parse_call;

constexpr std::int64_t minute = 60'000'000'000;

protocol::bar bar_at(std::int64_t place, std::int64_t price, std::uint32_t rev = 0) {
  protocol::bar bar;
  bar.time_ns = place * minute;
  bar.open = protocol::decimal::from_parts(price, 2);
  bar.high = protocol::decimal::from_parts(price + 7, 2);
  bar.low = protocol::decimal::from_parts(price - 5, 2);
  bar.close = protocol::decimal::from_parts(price + 3, 2);
  bar.volume = protocol::decimal::from_integer(1 + price % 9);
  bar.trades = 1;
  bar.closed = true;
  bar.rev = rev;
  return bar;
}

/// What goes out, by the bar's time: the last value stands.
class told_points final : public actors::update_sink {
public:
  void deliver(actors::post_index, std::uint64_t, std::shared_ptr<const actors::update> what) override {
    const auto& change = std::get<actors::indicator_change>(what->change);
    seqs.push_back(what->seq);
    points.push_back(change.value);
  }
  std::vector<std::uint64_t> seqs;
  std::vector<protocol::indicator_point> points;
};

/// A series of bars as a shard has it, the store behind it, and one indicator over it.
class followed {
public:
  explicit followed(const char* call, std::size_t stored = 0)
      : live_(std::make_shared<const analytics::calendar>()) {
    auto& rows = past_.all_bars[{"1m", "X"}];
    for (std::size_t i = 0; i < stored; ++i) {
      rows.push_back(bar_at(static_cast<std::int64_t>(i) - static_cast<std::int64_t>(stored),
                            1000 + static_cast<std::int64_t>(i * i % 97)));
      all_.put_in(rows.back());
    }
    const auto what = parse_call(call).value();
    indicator_ = &live_.add(what);
    auto& topic = indicator_->add_topic("indicator.1m." + what.spelled + ".X", what, nullptr);
    topic.out.set_listener({0, 1, actors::value_alone});
  }

  /// A closed bar comes or changes, as bar_series tells it.
  void close(const protocol::bar& bar) {
    closed_.bars.make_room();
    closed_.put(bar);
    all_.put_in(bar);
    live_.changed(bar.time_ns);
    live_.follow(closed_, forming_, 0, now());
  }
  void form(const protocol::bar& bar) {
    forming_ = bar;
    forming_->closed = false;
    live_.follow(closed_, forming_, 0, now());
  }
  /// From here on only what the ring holds is known to the shard.
  void order() {
    order_ = {indicator_->what(), "1m", "X", live_.hours(), {closed_.bars.begin(), closed_.bars.end()}};
    if (forming_) order_.until_ns = forming_->time_ns;
    number_ = indicator_->begin_seed();
  }
  void read() { seed_ = order_.carry_out(&past_).value(); }
  bool adopt() { return live_.adopt(*indicator_, number_, std::move(*seed_), closed_, forming_); }
  void seed() {
    order();
    read();
    ASSERT_TRUE(adopt());
  }

  /// The values over all bars there are, computed at once.
  std::vector<protocol::indicator_point> expected() const {
    analytics::anchored_bars anchored(*live_.hours());
    std::vector<analytics::indicators::bar_input> inputs;
    for (const auto& each : all_.bars) inputs.push_back(anchored.next(each));
    const auto columns = analytics::indicators::compute(indicator_->what(), inputs);
    std::vector<protocol::indicator_point> result;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      protocol::indicator_point point{all_.bars[i].time_ns, true, {}};
      for (std::size_t k = 0; k < columns.size(); ++k) point.values[k] = columns[k][i];
      result.push_back(point);
    }
    return result;
  }
  /// That the indicator stands where one over all bars would.
  void check(const std::string& where) const {
    ASSERT_EQ(indicator_->is(), live_indicator::stage::following) << where;
    const auto right = expected();
    const auto& recent = indicator_->recent();
    ASSERT_EQ(recent.size(), std::min(right.size(), actors::revisable_bars + 1)) << where;
    for (std::size_t i = 0; i < recent.size(); ++i)
      ASSERT_TRUE(same(recent[recent.size() - 1 - i], right[right.size() - 1 - i]))
          << where << ", " << i << " ago";
  }
  static bool same(const protocol::indicator_point& a, const protocol::indicator_point& b) {
    return a.time_ns == b.time_ns && std::memcmp(a.values.data(), b.values.data(), sizeof a.values) == 0;
  }

  live_indicator& indicator() { return *indicator_; }
  live_indicator::topic& topic() { return *indicator_->topics().front(); }
  told_points& told() { return sink_; }
  const std::vector<protocol::bar>& all() const { return all_.bars; }
  kept_history& past() { return past_; }

private:
  /// Every bar there ever was, in its newest revision.
  struct everything {
    std::vector<protocol::bar> bars;
    void put_in(const protocol::bar& bar) {
      const auto at = std::lower_bound(bars.begin(), bars.end(), bar.time_ns,
                                       [](const auto& each, std::int64_t ns) { return each.time_ns < ns; });
      if (at != bars.end() && at->time_ns == bar.time_ns)
        *at = bar;
      else
        bars.insert(at, bar);
    }
  };

  actors::turn now() { return {0, 0, sink_, plans_, counters_}; }

  kept_history past_;
  everything all_;
  actors::bar_view closed_;
  std::optional<protocol::bar> forming_;
  actors::live_indicators live_;
  live_indicator* indicator_;
  actors::seed_order order_;
  std::uint64_t number_ = 0;
  std::optional<actors::indicator_seed> seed_;
  told_points sink_;
  std::vector<actors::bar_plan> plans_;
  actors::bar_counters counters_;
};

/// Bars as they come: most behind the last, some revised, some put between.
std::vector<protocol::bar> happenings(std::uint64_t seed, std::size_t count, std::int64_t reach) {
  std::mt19937_64 random(seed);
  std::vector<protocol::bar> result;
  std::int64_t place = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto price = 900 + static_cast<std::int64_t>(random() % 300);
    const auto kind = random() % 8;
    if (kind < 6 || place < 3) place += 1 + static_cast<std::int64_t>(random() % 3 == 0);
    const auto back = kind < 6 ? 0 : static_cast<std::int64_t>(random()) % reach;
    result.push_back(bar_at(std::max<std::int64_t>(0, place - std::abs(back)), price, i));
  }
  return result;
}

TEST(live_indicator, joins_its_seed_without_hole_or_double_wherever_the_cuts_are) {
  for (const auto* call : {"ema(5)", "vwap", "macd(3,6,2)", "obv"}) {
    const auto events = happenings(7, 60, 6);
    for (std::size_t ordered = 0; ordered <= events.size(); ordered += 3)
      for (std::size_t adopted = ordered; adopted <= events.size(); adopted += 5) {
        followed one(call, 30);
        for (std::size_t i = 0; i < events.size(); ++i) {
          if (i == ordered) one.order();
          if (i == ordered + (adopted - ordered) / 2) one.read();
          if (i == adopted) {
            ASSERT_TRUE(one.adopt());
          }
          one.close(events[i]);
        }
        if (adopted == events.size()) {
          if (ordered == events.size()) one.order();
          one.read();
          ASSERT_TRUE(one.adopt());
        }
        one.check(std::string(call) + " ordered " + std::to_string(ordered) + " adopted " +
                  std::to_string(adopted));
      }
  }
}

TEST(live_indicator, takes_over_only_the_seed_that_was_asked_for_last) {
  followed one("sma(3)", 10);
  one.order();
  one.read();
  one.indicator().begin_seed();
  EXPECT_FALSE(one.adopt());
  EXPECT_EQ(one.indicator().is(), live_indicator::stage::under_way);
}

TEST(live_indicator, is_seeded_again_when_more_bars_came_meanwhile_than_are_kept) {
  followed one("sma(3)", 10);
  one.order();
  one.read();
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(actors::snapshot_bars) + 1; ++i)
    one.close(bar_at(i, 1000 + i));
  EXPECT_FALSE(one.adopt());
  EXPECT_EQ(one.indicator().is(), live_indicator::stage::due);
}

TEST(live_indicator, tells_each_closed_bar_once_and_what_a_revision_changes) {
  followed one("sma(3)");
  one.seed();
  for (std::int64_t i = 0; i < 10; ++i) one.close(bar_at(i, 1000 + i));
  ASSERT_EQ(one.told().points.size(), 10U);
  EXPECT_TRUE(std::isnan(one.told().points[1].values[0])) << "within the look-back";
  EXPECT_FALSE(std::isnan(one.told().points[2].values[0]));
  one.told().points.clear();

  one.close(bar_at(5, 2000, 1));
  ASSERT_EQ(one.told().points.size(), 3U) << "bars 5, 6 and 7 see it, 8 and 9 do not";
  const auto right = one.expected();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(followed::same(one.told().points[i], right[5 + i]));
  one.check("after the revision");
  EXPECT_EQ(one.told().seqs.back(), 13U);
  EXPECT_EQ(one.topic().out.seq(), 13U);
}

TEST(live_indicator, follows_every_revision_that_it_can_go_back_to_and_drops_its_state_for_older_ones) {
  for (std::int64_t ago = 0; ago < 70; ++ago) {
    followed one("rsi(5)", 20);
    one.seed();
    for (std::int64_t i = 0; i < 100; ++i) one.close(bar_at(i, 1000 + (i * 37) % 90));
    const auto epoch = one.topic().epoch;
    one.close(bar_at(99 - ago, 3000, 1));
    if (ago < static_cast<std::int64_t>(actors::revisable_bars)) {
      one.check("revised " + std::to_string(ago) + " ago");
      continue;
    }
    EXPECT_EQ(one.indicator().is(), live_indicator::stage::due) << ago;
    EXPECT_EQ(one.topic().epoch, "");
    one.seed();
    one.check("seeded anew");
    EXPECT_NE(one.topic().epoch, epoch);
  }
}

TEST(live_indicator, looks_at_the_bar_that_forms_without_taking_it_in) {
  followed one("ema(3)", 5);
  one.seed();
  one.close(bar_at(0, 1000));
  one.form(bar_at(1, 1100));
  one.form(bar_at(1, 1200));
  const auto seen = one.told().points.back();
  EXPECT_FALSE(seen.closed);
  one.close(bar_at(1, 1200));
  one.check("after closing");
  EXPECT_EQ(seen.values[0], one.told().points[one.told().points.size() - 2].values[0]);
}

TEST(live_indicator, begins_a_vwap_with_each_trading_day_also_over_a_revision_between_two) {
  followed one("vwap");
  one.seed();
  for (const auto place : {1430, 1438, 1441, 1445}) one.close(bar_at(place, 1000 + place));
  one.check("four bars over midnight");
  one.close(bar_at(1440, 1500));
  one.check("a late bar becomes the first of the day");
}

TEST(live_indicator, is_the_same_after_any_happenings) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const auto* call : {"adx(5)", "stochrsi(5,3,2,sma)", "cmf(6)"}) {
      followed one(call, seed * 7);
      one.seed();
      for (const auto& each : happenings(seed, 300, 90)) {
        one.close(each);
        if (one.indicator().is() != live_indicator::stage::following) {
          // What is older than the ring of bars comes from the store, as it stands there by now.
          one.past().all_bars[{"1m", "X"}] = one.all();
          one.seed();
        }
      }
      one.check(std::string(call) + " " + std::to_string(seed));
    }
}

TEST(live_indicator, says_what_could_not_be_read) {
  followed one("sma(3)", 10);
  one.past().broken = true;
  const actors::seed_order order{
      one.indicator().what(), "1m", "X", std::make_shared<const analytics::calendar>(), {}};
  const auto made = order.carry_out(&one.past());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "the disk is gone");
}

}  // namespace
}  // namespace tickcast::tests
