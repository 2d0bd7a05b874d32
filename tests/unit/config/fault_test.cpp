#include "tests/unit/config/loading.hpp"

namespace tickcast::config::testing {
namespace {

TEST(fault, reads_as_one_line_that_an_editor_can_follow) {
  fault f;
  f.file = "a.toml";
  f.line = 3;
  f.column = 7;
  f.key = "listen.port";
  f.value = "x";
  f.message = "wrong";
  f.allowed = "1 to 2";
  EXPECT_EQ(to_string(f), "a.toml:3:7: listen.port = x: wrong; allowed: 1 to 2");
  f.option = "listen.port=x";
  EXPECT_EQ(to_string(f), "--set listen.port=x: listen.port = x: wrong; allowed: 1 to 2");
}

TEST(fault, without_a_line_names_the_file) {
  fault f;
  f.file = "a.toml";
  f.message = "cannot be read";
  EXPECT_EQ(to_string(f), "a.toml: cannot be read");
}

TEST(fault, carries_its_parts_for_programs) {
  const auto result = load_text("[listen]\nport = 70000\n", "t.toml");
  ASSERT_FALSE(result);
  ASSERT_EQ(result.error().size(), 1U);
  const auto& f = result.error()[0];
  EXPECT_EQ(f.file, "t.toml");
  EXPECT_EQ(f.line, 2U);
  EXPECT_EQ(f.column, 8U);
  EXPECT_EQ(f.key, "listen.port");
  EXPECT_EQ(f.value, "70000");
  EXPECT_EQ(f.message, "out of range");
  EXPECT_EQ(f.allowed, "0 to 65535");
  EXPECT_EQ(f.option, "");
}

}  // namespace
}  // namespace tickcast::config::testing
