#include "protocol/codes.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "protocol/client_message.hpp"
#include "protocol/error.hpp"

namespace tickcast::protocol {
namespace {

TEST(codes, name_every_refusal_differently) {
  std::set<std::string_view> names;
  for (int i = 1; i <= 12; ++i) names.insert(to_string(static_cast<errc>(i)));
  EXPECT_EQ(names.size(), 12U);
  EXPECT_FALSE(names.contains("unknown"));
  EXPECT_EQ(to_string(errc::missing_field), "missing_field");
}

TEST(codes, name_every_error_of_a_client_differently) {
  std::set<std::string_view> names;
  for (const int code : {100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 111}) {
    names.insert(to_string(static_cast<error_code>(code)));
  }
  EXPECT_EQ(names.size(), 11U);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(codes, say_that_only_internal_errors_and_haste_pass_by_themselves) {
  EXPECT_TRUE(is_temporary(error_code::internal));
  EXPECT_TRUE(is_temporary(error_code::too_many_requests));
  for (const int code : {101, 102, 103, 104, 105, 106, 107, 108, 109}) {
    EXPECT_FALSE(is_temporary(static_cast<error_code>(code))) << code;
  }
}

TEST(codes, give_close_frames_a_reason_that_fits) {
  std::set<std::string_view> reasons;
  for (const int code :
       {1000, 1002, 1007, 1009, 1011, 3001, 3004, 3005, 3008, 3012, 3500, 3501, 3502, 3503, 3504}) {
    const std::string_view reason = to_string(static_cast<close_code>(code));
    EXPECT_LE(reason.size(), 123U);
    reasons.insert(reason);
  }
  EXPECT_EQ(reasons.size(), 15U);
  EXPECT_FALSE(reasons.contains("unknown"));
}

TEST(codes, name_every_state_of_a_feed_differently) {
  std::set<std::string_view> names;
  for (int i = 0; i <= 6; ++i) names.insert(to_string(static_cast<feed_state>(i)));
  EXPECT_EQ(names, (std::set<std::string_view>{"none", "live", "stale", "gap", "down", "restarting",
                                               "quarantined"}));
}

}  // namespace
}  // namespace tickcast::protocol
