#include "access/api_keys.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace tickcast::access::testing {
namespace {

const std::string key = "0123456789abcdef0123456789abcdef";
/// As `printf %s KEY | sha256sum` prints it.
const std::string hash = "3eb1bd439947eb762998e566ccc2e099c791118b2f40579cc4f7da2b5061b7f9";

TEST(api_keys, a_program_is_known_by_its_key) {
  const api_keys keys("# programs\n\nrobot " + hash + " feeds,desk\nother " + std::string(64, 'a') + "\n");
  const auto who = keys.check(key);
  ASSERT_TRUE(who) << who.error().message;
  EXPECT_EQ(who->user, "key:robot");
  EXPECT_EQ(who->name, "robot");
  EXPECT_EQ(who->groups, (std::vector<std::string>{"feeds", "desk"}));
  EXPECT_EQ(who->by, proof::api_key);
}

TEST(api_keys, other_keys_are_nobody_s) {
  const api_keys keys("robot " + hash + "\n");
  EXPECT_EQ(keys.check(key + "0").error().why, reason::unknown_key);
  EXPECT_EQ(keys.check(std::string(32, 'x')).error().why, reason::unknown_key);
  EXPECT_EQ(keys.check("short").error().why, reason::malformed);
  EXPECT_EQ(keys.check(std::string(300, 'x')).error().why, reason::malformed);
  EXPECT_EQ(keys.check(hash).error().why, reason::unknown_key) << "the hash is not the key";
}

TEST(api_keys, a_file_with_a_fault_is_not_taken) {
  for (const std::string bad : {"robot", "robot 12", "ro:bot %s", "robot zz", "robot %s a b"}) {
    auto line = bad;
    if (const auto at = line.find("%s"); at != std::string::npos) line.replace(at, 2, hash);
    EXPECT_THROW(api_keys{line}, std::runtime_error) << line;
  }
  EXPECT_THROW(api_keys("a " + hash + "\na " + hash), std::runtime_error);
}

}  // namespace
}  // namespace tickcast::access::testing
