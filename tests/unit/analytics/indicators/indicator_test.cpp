#include "analytics/indicators/indicator.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "analytics/indicators/batch.hpp"
#include "tests/unit/analytics/indicators/seeded_series.hpp"

namespace tickcast::tests {
namespace {

using analytics::indicators::arguments;
using analytics::indicators::bar_input;
using analytics::indicators::call;
using analytics::indicators::catalogue;
using analytics::indicators::compute;
using analytics::indicators::indicator;
using analytics::indicators::parameter_type;
using analytics::indicators::parse_call;
using bits = std::vector<std::uint64_t>;

bits bits_of(std::span<const double> values) {
  bits result;
  for (const double value : values) result.push_back(std::bit_cast<std::uint64_t>(value));
  return result;
}

bool all_nan(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
}

bool any_nan(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
}

/// Every function with its defaults, with short periods, and with every average it may take.
std::vector<call> many_calls() {
  std::vector<call> calls;
  const auto add = [&calls](std::string_view text) { calls.push_back(parse_call(text).value()); };
  for (const auto& function : catalogue()) {
    add(function.name);
    std::string shortest{function.name}, other{function.name};
    bool has_average = false;
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
      const auto& p = function.parameters[i];
      const char before = i == 0 ? '(' : ',';
      shortest += before;
      other += before;
      if (p.type == parameter_type::average) {
        has_average = true;
        shortest += "sma";
        other += "%";
      } else if (p.type == parameter_type::whole) {
        shortest += std::to_string(static_cast<int>(p.least));
        other += std::to_string(static_cast<int>(p.least) + 2 + static_cast<int>(i));
      } else {
        shortest += "0.5";
        other += "0.25";
      }
    }
    if (function.parameters.empty()) continue;
    add(shortest + ')');
    if (!has_average) add(other + ')');
    for (const auto name : analytics::indicators::average_names()) {
      if (!has_average) break;
      std::string filled;
      for (const char c : other) c == '%' ? filled += name : filled += c;
      add(filled + ')');
    }
  }
  return calls;
}

TEST(every_indicator, has_its_first_values_after_its_look_back) {
  for (const auto& call : many_calls()) {
    SCOPED_TRACE(call.spelled);
    const auto look_back = static_cast<std::size_t>(call.look_back());
    indicator running{call};
    for (const auto& bar : seeded_series("walk", look_back)) {
      ASSERT_EQ(running.peek(bar).size(), call.outputs().size());
      ASSERT_TRUE(all_nan(running.peek(bar)));
      ASSERT_TRUE(all_nan(running.update(bar)));
    }
    for (const auto& bar : seeded_series("walk", 200)) ASSERT_FALSE(any_nan(running.update(bar)));
  }
}

TEST(every_indicator, never_answers_with_what_is_no_number_afterwards) {
  for (const auto& call : many_calls()) {
    SCOPED_TRACE(call.spelled);
    for (const auto* kind : {"gaps", "flat", "still", "trend", "cheap", "silent"}) {
      indicator running{call};
      int bar_number = 0;
      for (const auto& bar : seeded_series(kind, 400)) {
        const auto values = running.update(bar);
        if (bar_number++ < call.look_back()) continue;
        for (const double value : values) ASSERT_TRUE(std::isfinite(value)) << kind << " bar " << bar_number;
      }
    }
  }
}

TEST(every_indicator, gives_the_same_bits_bar_by_bar_and_as_a_series) {
  for (const auto& call : many_calls()) {
    SCOPED_TRACE(call.spelled);
    const auto bars = seeded_series("gaps", 500);
    const auto columns = compute(call, bars);
    indicator running{call};
    for (std::size_t i = 0; i < bars.size(); ++i) {
      const auto values = running.update(bars[i]);
      for (std::size_t o = 0; o < values.size(); ++o)
        ASSERT_EQ(std::bit_cast<std::uint64_t>(values[o]), std::bit_cast<std::uint64_t>(columns[o][i])) << i;
    }
  }
}

TEST(every_indicator, peeks_at_what_update_will_answer_and_remembers_nothing_of_it) {
  for (const auto& call : many_calls()) {
    SCOPED_TRACE(call.spelled);
    const auto bars = seeded_series("walk", 400, 1);
    const auto others = seeded_series("gaps", 400, 2);
    indicator peeked{call}, plain{call};
    for (std::size_t i = 0; i < bars.size(); ++i) {
      peeked.peek(others[i]);
      const auto before = bits_of(peeked.peek(bars[i]));
      peeked.peek(others[others.size() - 1 - i]);
      const auto updated = bits_of(peeked.update(bars[i]));
      ASSERT_EQ(before, updated) << i;
      ASSERT_EQ(updated, bits_of(plain.update(bars[i]))) << i;
    }
  }
}

TEST(every_indicator, goes_on_from_saved_bytes_and_from_a_copy_as_if_nothing_had_happened) {
  for (const auto& call : many_calls()) {
    SCOPED_TRACE(call.spelled);
    const auto bars = seeded_series("walk", 500);
    for (const std::size_t cut : {0U, 1U, 7U, 30U, 333U}) {
      indicator running{call};
      for (std::size_t i = 0; i < cut; ++i) running.update(bars[i]);
      auto loaded = indicator::load(call, running.save()).value();
      indicator copy = running;
      indicator assigned{call};
      assigned = running;
      for (std::size_t i = cut; i < bars.size(); ++i) {
        const auto expected = bits_of(running.update(bars[i]));
        ASSERT_EQ(bits_of(loaded.update(bars[i])), expected) << i;
        ASSERT_EQ(bits_of(copy.update(bars[i])), expected) << i;
        ASSERT_EQ(bits_of(assigned.update(bars[i])), expected) << i;
      }
    }
  }
}

TEST(every_indicator, refuses_a_bar_that_is_not_finite_and_stays_as_it_was) {
  for (const auto& call : many_calls()) {
    SCOPED_TRACE(call.spelled);
    indicator running{call};
    for (const auto& bar : seeded_series("walk", 120)) running.update(bar);
    const auto before = running.save();
    for (double bar_input::*field :
         {&bar_input::open, &bar_input::high, &bar_input::low, &bar_input::close, &bar_input::volume})
      for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
        auto bar = seeded_series("walk", 1)[0];
        bar.*field = value;
        EXPECT_TRUE(running.update(bar).empty());
        EXPECT_TRUE(running.peek(bar).empty());
      }
    EXPECT_EQ(running.save(), before);
  }
}

TEST(every_indicator, of_a_series_without_a_bar_that_is_not_finite_says_the_same) {
  for (const auto& call : many_calls()) {
    SCOPED_TRACE(call.spelled);
    auto bars = seeded_series("walk", 150);
    const auto clean = compute(call, bars);
    bars.insert(bars.begin() + 100, bar_input{NAN, 1, 1, 1, 1, false});
    const auto holed = compute(call, bars);
    for (std::size_t o = 0; o < clean.size(); ++o) {
      EXPECT_TRUE(std::isnan(holed[o][100]));
      EXPECT_EQ(bits_of({clean[o].data() + 100, 50}), bits_of({holed[o].data() + 101, 50}));
    }
  }
}

TEST(indicator, takes_no_bytes_of_another_call_or_with_a_fault) {
  const auto sma = parse_call("sma(5)").value();
  const auto saved = indicator{sma}.save();
  EXPECT_TRUE(indicator::load(sma, saved));
  EXPECT_TRUE(indicator::load(parse_call("sma(05)").value(), saved));
  EXPECT_FALSE(indicator::load(parse_call("sma(6)").value(), saved));
  EXPECT_FALSE(indicator::load(parse_call("wma(5)").value(), saved));
  for (std::size_t i = 0; i < saved.size(); ++i) {
    auto damaged = saved;
    damaged[i] ^= std::byte{1};
    EXPECT_FALSE(indicator::load(sma, damaged)) << i;
    EXPECT_FALSE(indicator::load(sma, std::span{saved}.first(i))) << i;
  }
}

}  // namespace
}  // namespace tickcast::tests
