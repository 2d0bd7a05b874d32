#include "protocol/byte_form.hpp"

#include <gtest/gtest.h>

namespace tickcast::protocol {
namespace {

TEST(byte_form, gives_back_what_was_written) {
  const auto price = *decimal::parse("-61234.5");
  decimal_sum sum;
  ASSERT_TRUE(sum.add_product(*decimal::parse("9223372036854775807"), price));
  std::string bytes;
  byte_writer to(bytes);
  to.natural(0);
  to.natural(std::numeric_limits<std::uint64_t>::max());
  to.whole(std::numeric_limits<std::int64_t>::min());
  to.whole(-1);
  to.boolean(true);
  to.number(price);
  to.sum(sum);
  to.text("a\0b");
  byte_reader from(bytes);
  EXPECT_EQ(from.natural(), 0U);
  EXPECT_EQ(from.natural(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(from.whole(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(from.whole(), -1);
  EXPECT_TRUE(from.boolean());
  EXPECT_EQ(from.number(), price);
  auto again = from.sum();
  ASSERT_TRUE(again.subtract_product(*decimal::parse("9223372036854775807"), price));
  EXPECT_TRUE(again.is_zero());
  EXPECT_EQ(from.text(), "a");
  EXPECT_TRUE(from.ok());
  EXPECT_TRUE(from.left().empty());
}

TEST(byte_form, small_numbers_take_one_byte) {
  std::string bytes;
  byte_writer to(bytes);
  to.natural(127);
  to.whole(-64);
  EXPECT_EQ(bytes.size(), 2U);
}

TEST(byte_form, what_breaks_off_or_makes_no_sense_is_noticed) {
  std::string bytes;
  byte_writer(bytes).text("abc");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    byte_reader from(std::string_view(bytes).substr(0, size));
    EXPECT_EQ(from.text(), "");
    EXPECT_FALSE(from.ok()) << size;
  }
  std::string endless(11, '\x80');
  byte_reader no_end(endless);
  EXPECT_EQ(no_end.natural(), 0U);
  EXPECT_FALSE(no_end.ok());
  std::string places;
  byte_writer(places).whole(1);
  byte_writer(places).natural(19);
  byte_reader too_many(places);
  too_many.number();
  EXPECT_FALSE(too_many.ok());
}

}  // namespace
}  // namespace tickcast::protocol
