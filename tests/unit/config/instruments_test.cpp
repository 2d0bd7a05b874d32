#include "config/instruments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

namespace tickcast::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

bool any_zone(const std::string& name) {
  return name.find("Nowhere") == std::string::npos;
}

std::vector<protocol::instrument> good(std::string_view toml) {
  const auto read = read_instruments(toml, "i.toml", any_zone);
  if (!read)
    for (const auto& each : read.error()) ADD_FAILURE() << to_string(each);
  return read.value_or(std::vector<protocol::instrument>{});
}
std::vector<std::string> bad(std::string_view toml) {
  std::vector<std::string> result;
  const auto read = read_instruments(toml, "i.toml", any_zone);
  EXPECT_FALSE(read);
  if (!read)
    for (const auto& each : read.error()) result.push_back(to_string(each));
  return result;
}

TEST(instruments_file, is_read_with_every_key) {
  const auto read = good(R"(
[[instrument]]
symbol = "*.SH"
description = "Shanghai"
type = "stock"
exchange = "XSHG"
timezone = "Asia/Shanghai"
sessions = "0930-1130,1300-1500"
holidays = ["20261001", "20261002"]
corrections = ["0930-1130:20261231"]
tick = "0.01"
size_scale = 0
[[instrument]]
symbol = "BTCUSDT"
price_scale = 1
)");
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].symbol, "*.SH");
  EXPECT_EQ(read[0].description, "Shanghai");
  EXPECT_EQ(read[0].type, "stock");
  EXPECT_EQ(read[0].exchange, "XSHG");
  EXPECT_EQ(read[0].zone, "Asia/Shanghai");
  EXPECT_EQ(read[0].sessions, "0930-1130,1300-1500");
  EXPECT_EQ(read[0].hours.by_weekday[1].size(), 2U);
  EXPECT_EQ(read[0].hours.days_that_differ.size(), 3U);
  EXPECT_EQ(read[0].tick->to_string(), "0.01");
  EXPECT_EQ(read[0].price_scale, 2);
  EXPECT_EQ(read[0].size_scale, 0);
  EXPECT_TRUE(read[1].hours.always);
  EXPECT_EQ(read[1].zone, "UTC");
  EXPECT_EQ(read[1].price_scale, 1);
  EXPECT_FALSE(read[1].size_scale);
  EXPECT_TRUE(good("").empty());
}

TEST(instruments_file, has_every_fault_told_with_its_line) {
  EXPECT_THAT(
      bad(R"([[instrument]]
symbol = "A B"
[[instrument]]
symbol = "C"
timezone = "Nowhere/Land"
sessions = "0930-1660"
holidays = ["20261001", "20261301"]
corrections = ["1000"]
tick = "0"
price_scale = 19
session = "24x7"
[[instrument]]
symbol = "C"
)"),
      ElementsAre(StartsWith("i.toml:2:10: "), StartsWith("i.toml:5:12: "),
                  AllOf(StartsWith("i.toml:6:12: "), HasSubstr("0930-1660")),
                  AllOf(StartsWith("i.toml:7:12: "), HasSubstr("20261301")), StartsWith("i.toml:8:15: "),
                  StartsWith("i.toml:9:8: "), StartsWith("i.toml:10:15: "),
                  AllOf(StartsWith("i.toml:11:1: "), HasSubstr("sessions")),
                  AllOf(StartsWith("i.toml:13:10: "), HasSubstr("twice"))));
}

TEST(instruments_file, needs_a_symbol_in_each_entry) {
  EXPECT_THAT(bad("[[instrument]]\ntype = \"stock\"\n"), ElementsAre(HasSubstr("needs the key symbol")));
}

TEST(instruments_file, that_is_no_toml_or_is_not_there_is_one_fault) {
  EXPECT_THAT(bad("[[instrument]\n"), ElementsAre(HasSubstr("not TOML")));
  const auto missing = load_instruments("/nonexistent/instruments.toml", any_zone);
  ASSERT_FALSE(missing);
  EXPECT_THAT(to_string(missing.error().at(0)), HasSubstr("cannot be read"));
}

TEST(instruments_file, that_is_installed_shows_entries_that_hold) {
  std::ifstream file(std::string(TICKCAST_SOURCE_DIR) + "/config/instruments.toml");
  std::stringstream text;
  text << file.rdbuf();
  ASSERT_FALSE(text.str().empty());
  EXPECT_TRUE(good(text.str()).empty()) << "all of it is comment";
  const auto examples = std::regex_replace(text.str(), std::regex("(^|\n)#(\\[|[a-z])"), "$1$2");
  EXPECT_EQ(good(examples).size(), 3U);
}

}  // namespace
}  // namespace tickcast::config
