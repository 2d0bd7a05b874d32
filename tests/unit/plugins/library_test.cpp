#include "plugins/runner/library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

namespace tickcast::plugins {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string folder = TEST_PLUGINS;
// A folder a process: tests that run side by side would see each other's copies.
const auto scratch =
    std::filesystem::temp_directory_path() / ("tickcast-unit-plugins-" + std::to_string(::getpid()));

std::string refusal(const std::string& file) {
  try {
    const library it(file, scratch);
  } catch (const unfit& why) {
    return why.what();
  }
  return {};
}

TEST(fingerprint, says_field_by_field_what_differs) {
  auto theirs = own_record();
  EXPECT_TRUE(differences(theirs, own_record()).empty());
  std::strcpy(theirs.build, "odd");
  std::strcpy(theirs.headers, "0123");
  EXPECT_THAT(
      differences(theirs, own_record()),
      ElementsAre(HasSubstr("its build type is odd, the engine's is"), HasSubstr("headers' hash is 0123")));
}

TEST(fingerprint, reads_nothing_behind_another_api) {
  auto theirs = own_record();
  theirs.api = 99;
  std::memset(theirs.compiler, 'x', sizeof theirs.compiler);
  EXPECT_THAT(differences(theirs, own_record()), ElementsAre(HasSubstr("its plugin API is 99")));
}

TEST(fingerprint, of_caf_counts_only_for_those_who_use_it) {
  auto theirs = own_record();
  std::strcpy(theirs.caf, "1.0.0");
  EXPECT_THAT(differences(theirs, own_record()), ElementsAre(HasSubstr("CAF version is 1.0.0")));
}

TEST(a_library, is_loaded_twice_as_two_and_from_a_copy_that_is_gone) {
  const library one(folder + "/ill_plugin_1.so", scratch);
  const library two(folder + "/ill_plugin_2.so", scratch);
  EXPECT_EQ(one.version(), "1");
  EXPECT_EQ(two.version(), "2");
  EXPECT_NE(&one.entry(), &two.entry());
  EXPECT_TRUE(std::filesystem::is_empty(scratch));
}

TEST(a_library, that_does_not_fit_is_refused_with_a_sentence) {
  EXPECT_THAT(refusal("/nowhere.so"), HasSubstr("there is no library /nowhere.so"));
  EXPECT_THAT(refusal(folder + "/doctored_plugin.so"), HasSubstr("its compiler is gcc 4.8"));
  const auto text = scratch / "text.so";
  std::ofstream(text) << "no shared object";
  EXPECT_THAT(refusal(text.string()), HasSubstr("cannot be loaded"));
  EXPECT_THAT(refusal("/lib/x86_64-linux-gnu/libz.so.1"), HasSubstr("is no plugin"));
  std::filesystem::remove(text);
}

}  // namespace
}  // namespace tickcast::plugins
