#include "analytics/trade_tape.hpp"

#include <gtest/gtest.h>

namespace tickcast::tests {
namespace {

using analytics::trade_tape;
using protocol::decimal;
using protocol::trade;
using protocol::trade_id;

trade numbered(std::uint64_t id) {
  return {static_cast<std::int64_t>(id) * 10,
          decimal::from_integer(static_cast<std::int64_t>(id)),
          decimal::from_parts(5, 1),
          protocol::side::sell,
          {trade_id::kind::number, id, nullptr}};
}
trade named(const char* id) {
  auto result = numbered(7);
  result.id = {trade_id::kind::text, 0, std::make_shared<const std::string>(id)};
  return result;
}
void push(trade_tape& to, const trade& next, std::uint32_t left_out_of = 0) {
  to.make_room(next);
  to.push(next, left_out_of);
}

TEST(trade_tape, keeps_the_last_trades_whole) {
  trade_tape tape(10);
  for (std::uint64_t id = 0; id < 25; ++id) push(tape, id == 20 ? named("x") : numbered(id));
  EXPECT_EQ(tape.begin(), 15U);
  EXPECT_EQ(tape.end(), 25U);
  const auto last = tape.last(50);
  ASSERT_EQ(last.size(), 10U);
  EXPECT_EQ(last.front(), numbered(15));
  EXPECT_EQ(last[5], named("x"));
  EXPECT_EQ(last.back(), numbered(24));
  EXPECT_EQ(tape.last(2).front(), numbered(23));
}

TEST(trade_tape, finds_trades_by_id_while_it_has_them) {
  trade_tape tape(10);
  for (std::uint64_t id = 0; id < 25; ++id) push(tape, id == 20 ? named("x") : numbered(id));
  EXPECT_EQ(tape.find(numbered(15).id), 15U);
  EXPECT_EQ(tape.find(named("x").id), 20U);
  EXPECT_EQ(tape.find(named("y").id), std::nullopt);
  EXPECT_EQ(tape.find(numbered(14).id), std::nullopt);
}

TEST(trade_tape, remembers_what_became_of_a_trade) {
  trade_tape tape(10);
  for (std::uint64_t id = 0; id < 3; ++id) push(tape, numbered(id), id == 0 ? 5U : 0U);
  tape.cancel(1);
  tape.correct(2, decimal::from_integer(9), decimal::from_integer(1));
  EXPECT_EQ(tape.at(0).left_out_of, 5U);
  EXPECT_TRUE(tape.at(1).cancelled);
  EXPECT_EQ(tape.find(numbered(1).id), 1U) << "it is still known";
  ASSERT_EQ(tape.last(50).size(), 2U);
  EXPECT_EQ(tape.last(50).back().price, decimal::from_integer(9));
}

TEST(trade_tape, goes_on_after_it_was_saved) {
  for (const std::size_t pushed : {0U, 3U, 10U, 47U}) {
    trade_tape before(10);
    for (std::uint64_t id = 0; id < pushed; ++id) push(before, id % 4 == 1 ? named("x") : numbered(id), 3);
    if (pushed > 0) before.cancel(pushed - 1);
    std::string bytes;
    protocol::byte_writer to(bytes);
    before.save(to);
    for (const std::size_t bound : {10U, 4U, 100U}) {
      trade_tape after(bound);
      protocol::byte_reader from(bytes);
      after.load(from);
      ASSERT_TRUE(from.ok());
      EXPECT_EQ(after.end(), before.end());
      EXPECT_EQ(after.begin(), std::max<std::uint64_t>(before.begin(), pushed < bound ? 0 : pushed - bound));
      for (auto number = after.begin(); number != after.end(); ++number) {
        EXPECT_EQ(after.at(number).time_ns, before.at(number).time_ns);
        EXPECT_EQ(after.at(number).cancelled, before.at(number).cancelled);
        EXPECT_EQ(after.at(number).left_out_of, 3U);
      }
      push(after, numbered(1000));
      EXPECT_EQ(after.last(1).front(), numbered(1000));
    }
  }
}

}  // namespace
}  // namespace tickcast::tests
