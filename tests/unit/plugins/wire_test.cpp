#include "plugins/runner/wire.hpp"

#include <gtest/gtest.h>

#include "plugins/runner/wire_hours.hpp"
#include "protocol/topic.hpp"

namespace tickcast::plugins::wire {
namespace {

message of_topic(const char* topic, decltype(message::what) what) {
  return {std::make_shared<const topic_ref>(protocol::parse_topic(topic).value()), 42, std::move(what)};
}

/// There and back, through bytes.
message passed(const message& what) {
  return message_of(unpack(pack({{"t", "m"}, {"m", of(what)}})).at("m"));
}

protocol::decimal number(const char* text) {
  return protocol::decimal::parse(text).value();
}

TEST(wire, carries_market_data_exactly) {
  protocol::trade trade{123, number("0.1"), number("12345678901234567.8"), protocol::side::sell, {}};
  trade.id = {protocol::trade_id::kind::text, 0, std::make_shared<const std::string>("a#1")};
  const auto got = passed(of_topic("trade.X", trade));
  EXPECT_EQ(std::get<protocol::trade>(got.what), trade);
  EXPECT_EQ(got.seq, 42U);
  EXPECT_EQ(got.topic->symbol, "X");
  const protocol::quote quote{1, number("1.5"), number("2"), number("-3"), number("0")};
  EXPECT_EQ(std::get<protocol::quote>(passed(of_topic("quote.X", quote)).what), quote);
  const protocol::bar bar{1,           number("1"), number("2"), number("3"), number("4"),
                          number("5"), 6,           true,        number("7"), 8};
  const auto got_bar = passed(of_topic("bar.1m.X.Y", bar));
  EXPECT_EQ(std::get<protocol::bar>(got_bar.what), bar);
  EXPECT_EQ(got_bar.topic->interval, "1m");
  EXPECT_EQ(got_bar.topic->symbol, "X.Y");
}

TEST(wire, carries_histories_questions_and_answers) {
  auto whole = std::make_shared<topic_history>();
  whole->epoch = "k3";
  whole->trades.push_back({5, number("1"), number("2"), protocol::side::buy, {}});
  whole->event = std::make_shared<const std::string>("[1]");
  const auto got = std::get<4>(passed(of_topic("trade.X", std::shared_ptr<const topic_history>(whole))).what);
  EXPECT_EQ(got->trades, whole->trades);
  EXPECT_EQ(*got->event, "[1]");
  EXPECT_FALSE(got->quote);
  EXPECT_EQ(std::get<question>(passed({nullptr, 0, question{7, "a", "{}"}}).what).from, "a");
  EXPECT_EQ(std::get<answer_text>(passed({nullptr, 0, answer_text{7, false, "no"}}).what).text, "no");
}

TEST(wire, carries_what_is_asked_of_the_past_and_its_answer) {
  const past_request asked{7, "bar.1m.X", past::between(-5, 1'723'075'200'123'456'789, 99)};
  const auto got = request_of(unpack(pack(of(asked))));
  EXPECT_EQ(got.id, 7U);
  EXPECT_EQ(got.topic, "bar.1m.X");
  EXPECT_EQ(got.which.from_ns, -5);
  EXPECT_EQ(got.which.to_ns, 1'723'075'200'123'456'789);
  EXPECT_EQ(got.which.most, 99U);
  EXPECT_FALSE(got.which.newest);
  past_answer given{7, past_error::busy, "why", "k3", 41, true, {}, {}};
  given.bars.push_back({1, number("1"), number("2"), number("3"), number("4"), number("5"), 6, true, {}, 8});
  const auto back =
      std::get<7>(passed(of_topic("bar.1m.X", std::make_shared<const past_answer>(given))).what);
  EXPECT_EQ(back->id, 7U);
  EXPECT_EQ(back->code, past_error::busy);
  EXPECT_EQ(back->error, "why");
  EXPECT_EQ(back->epoch, "k3");
  EXPECT_EQ(back->seq, 41U);
  EXPECT_TRUE(back->more);
  EXPECT_EQ(back->bars, given.bars);
}

TEST(wire, carries_when_instruments_trade) {
  protocol::instrument night, stocks;
  night.symbol = "NIGHT";
  night.zone = "America/Chicago";
  night.hours = protocol::parse_trading_hours("1700-1600").value();
  ASSERT_TRUE(protocol::add_holiday(night.hours, "20241225"));
  ASSERT_TRUE(protocol::add_correction(night.hours, "1000-1400:20241129"));
  stocks.symbol = "*.SH";
  stocks.zone = "Asia/Shanghai";
  stocks.hours = protocol::parse_trading_hours("0930-1130,1300-1500").value();
  const auto listed = analytics::instruments::make({night, stocks}).value();
  const auto got = instruments_of(unpack(pack({{"t", "prepare"}, {"listed", of(listed)}})).at("listed"));
  ASSERT_EQ(got->all().size(), 2U);
  EXPECT_EQ(got->all()[0].what.hours, night.hours);
  EXPECT_EQ(got->find("600519.SH").what.hours, stocks.hours);
  constexpr std::int64_t christmas_ns = 1'735'128'000'000'000'000;
  EXPECT_EQ(got->find("NIGHT").hours->session_of(christmas_ns),
            listed.find("NIGHT").hours->session_of(christmas_ns));
}

TEST(wire, carries_a_state_of_any_bytes) {
  const run_end end{run_end::why::asked, "", std::string("\0\xff\x80 x", 5)};
  EXPECT_EQ(end_of(unpack(pack(of(end)))).state, end.state);
}

TEST(wire, beats_add_to_what_was_counted_before) {
  vitals here, there;
  pulse its, shown;
  here.handled = 100;
  here.count("mine", 5);
  beat_reader reader(here, shown);
  there.handled = 3;
  there.count("mine", 2);
  there.times.add(1000);
  its.handler.store("on_trade");
  its.handler_began_ns.store(1000);
  reader.take(unpack(pack(of(there, its, 1500))), 9000);
  EXPECT_EQ(shown.handler_began_ns.load(), 8500);
  EXPECT_STREQ(shown.handler.load(), "on_trade");
  there.handled = 4;
  there.count("mine", 1);
  its.handler_began_ns.store(0);
  reader.take(unpack(pack(of(there, its, 1600))), 9100);
  EXPECT_EQ(here.handled, 104U);
  EXPECT_EQ(here.counters().at("mine"), 8U);
  EXPECT_EQ(here.times.total(), 1U);
  EXPECT_EQ(shown.handler_began_ns.load(), 0);
}

}  // namespace
}  // namespace tickcast::plugins::wire
