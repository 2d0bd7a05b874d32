#include "config/suggestion.hpp"

#include <gtest/gtest.h>

namespace tickcast::config {
namespace {

TEST(suggestion, counts_edits_and_swaps_once) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("port", "prot"), 1U);
  EXPECT_EQ(edit_distance("port", "sport"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("zmq-SUB", "zmq_sub"), 0U);
}

TEST(suggestion, takes_the_nearest_and_nothing_far_away) {
  EXPECT_EQ(suggest("ping", {"pong_ms", "ping_ms", "port"}), "ping_ms");
  EXPECT_EQ(suggest("adress", {"port", "address"}), "address");
  EXPECT_EQ(suggest("allow_origins", {"port", "allowed_origins"}), "allowed_origins");
  EXPECT_EQ(suggest("banana", {"port", "address"}), std::nullopt);
  EXPECT_EQ(suggest("", {"port"}), std::nullopt);
  EXPECT_EQ(suggest(std::string(1000, 'p'), {"port"}), std::nullopt);
}

}  // namespace
}  // namespace tickcast::config
