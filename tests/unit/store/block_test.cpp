#include "store/block.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "tests/unit/store/support.hpp"

namespace tickcast::store {
namespace {

using protocol::decimal;
using protocol::quote;
using protocol::trade;

template <class Row>
std::vector<Row> there_and_back(const std::vector<Row>& rows) {
  std::vector<Row> read;
  must(decode_block(encode_block(std::span<const Row>(rows)), read));
  return read;
}

decimal any_decimal(std::mt19937_64& random, bool wild) {
  if (wild) return decimal::from_parts(static_cast<std::int64_t>(random()), static_cast<int>(random() % 19));
  return decimal::from_parts(static_cast<std::int64_t>(random() % 2'000'000), static_cast<int>(random() % 4));
}

std::vector<trade> any_trades(std::mt19937_64& random, bool wild) {
  std::vector<trade> rows;
  auto time_ns = wild ? std::numeric_limits<std::int64_t>::min() : start_ns;
  const auto step = wild ? std::uint64_t{1} << 57 : std::uint64_t{5'000'000};
  for (std::size_t count = 1 + random() % 100; rows.size() < count;) {
    trade row{time_ns,
              any_decimal(random, wild),
              any_decimal(random, wild),
              static_cast<protocol::side>(random() % 3),
              {}};
    row.id.is = static_cast<protocol::trade_id::kind>(random() % 3);
    if (row.id.is == protocol::trade_id::kind::number) row.id.number = random();
    if (row.id.is == protocol::trade_id::kind::text)
      row.id.text = std::make_shared<const std::string>(random() % 40, 'x');
    rows.push_back(row);
    time_ns += static_cast<std::int64_t>(random() % step);
  }
  return rows;
}

TEST(block, gives_back_the_trades_it_was_made_of) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 500; ++i) {
    const auto rows = any_trades(random, i % 2 == 0);
    ASSERT_EQ(there_and_back(rows), rows);
  }
}

TEST(block, gives_back_the_quotes_it_was_made_of) {
  std::mt19937_64 random(8);
  for (int i = 0; i < 500; ++i) {
    std::vector<quote> rows;
    quote row{start_ns, {}, {}, {}, {}};
    for (std::size_t count = 1 + random() % 100; rows.size() < count;) {
      row.time_ns += static_cast<std::int64_t>(random() % 3) * 1'000'000;
      if (random() % 2) row.bid = any_decimal(random, i % 2 == 0);
      if (random() % 2) row.bid_size = any_decimal(random, i % 2 == 0);
      if (random() % 2) row.ask = any_decimal(random, i % 2 == 0);
      if (random() % 2) row.ask_size = any_decimal(random, i % 2 == 0);
      rows.push_back(row);
    }
    ASSERT_EQ(there_and_back(rows), rows);
  }
}

TEST(block, tells_its_span_without_being_read_whole) {
  const std::vector<trade> rows{trade_at(start_ns, 1), trade_at(start_ns + 5, 2), trade_at(start_ns + 9, 3)};
  const auto span = must(read_span(encode_block(std::span<const trade>(rows))));
  EXPECT_EQ(span.first_ns, start_ns);
  EXPECT_EQ(span.last_ns, start_ns + 9);
  EXPECT_EQ(span.rows, 3U);
}

TEST(block, steps_in_the_coarsest_unit_that_is_exact) {
  std::vector<trade> milliseconds;
  std::vector<trade> nanoseconds;
  for (int i = 0; i < 1000; ++i) {
    milliseconds.push_back(trade_at(start_ns + i * 1'000'000, 1));
    nanoseconds.push_back(trade_at(start_ns + i * 1'000'001, 1));
  }
  EXPECT_LT(encode_block(std::span<const trade>(milliseconds)).size() + 1500,
            encode_block(std::span<const trade>(nanoseconds)).size());
}

TEST(block, that_is_cut_short_is_refused_and_leaves_the_rows_as_they_were) {
  std::mt19937_64 random(9);
  const auto rows = any_trades(random, false);
  const auto whole = encode_block(std::span<const trade>(rows));
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    std::vector<trade> read{trade_at(1, 1)};
    ASSERT_FALSE(decode_block(std::string_view(whole).substr(0, bytes), read)) << bytes;
    ASSERT_EQ(read.size(), 1U);
  }
}

TEST(block, of_any_bytes_is_refused_or_read_but_never_believed_blindly) {
  std::mt19937_64 random(10);
  const auto rows = any_trades(random, false);
  const auto whole = encode_block(std::span<const trade>(rows));
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = whole;
    for (int change = 0; change < 3; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
    std::vector<trade> read;
    static_cast<void>(decode_block(bytes, read));
    ASSERT_LT(read.size(), bytes.size() + 2);
  }
}

TEST(block, of_trades_is_no_block_of_quotes) {
  const std::vector<trade> rows{trade_at(start_ns, 1)};
  std::vector<quote> read;
  EXPECT_FALSE(decode_block(encode_block(std::span<const trade>(rows)), read));
}

}  // namespace
}  // namespace tickcast::store
