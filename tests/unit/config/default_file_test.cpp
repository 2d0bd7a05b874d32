#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "config/key_list.hpp"
#include "tests/unit/config/loading.hpp"

namespace tickcast::config::testing {
namespace {

std::set<std::string> described_keys() {
  std::set<std::string> keys;
  for (const auto& section : all_sections())
    for (const auto& key : section.keys) keys.insert(section.name + "." + std::string(key.info.name));
  return keys;
}

// Keys as they stand in a file, those of examples ("#key …") included.
std::set<std::string> written_keys(std::string_view text) {
  static const std::regex header(R"(^(?:#key )?\[\[?([a-z_.]+)\]\]?.*)");
  static const std::regex key(R"(^(?:#key )?([a-z_]+) = .*)");
  std::set<std::string> keys;
  std::istringstream in{std::string(text)};
  std::string section;
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_match(line, match, header))
      section = match[1];
    else if (std::regex_match(line, match, key))
      keys.insert(section + "." + match[1].str());
  }
  return keys;
}

std::string read_tree(const std::string& file) {
  std::ifstream in(std::string(TICKCAST_SOURCE_DIR) + "/" + file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string with_examples(std::string_view text) {
  return std::regex_replace(std::string(text), std::regex("\n#key "), "\n");
}

TEST(default_file, parses_to_exactly_the_defaults) {
  const auto result = load_text(default_file(), "tickcast.toml");
  ASSERT_TRUE(result) << lines(result.error());
  EXPECT_EQ(result->values, good(""));
  EXPECT_TRUE(result->notices.empty()) << lines(result->notices);
}

TEST(default_file, names_every_key_there_is_and_no_other) {
  EXPECT_EQ(written_keys(default_file()), described_keys());
}

TEST(default_file, its_examples_hold) {
  const auto result = load_text(with_examples(default_file()), "tickcast.toml");
  ASSERT_TRUE(result) << lines(result.error());
  EXPECT_TRUE(result->notices.empty()) << lines(result->notices);
}

TEST(default_file, the_program_carries_the_file_of_the_tree) {
  EXPECT_EQ(read_tree("config/tickcast.toml"), default_file());
}

TEST(description, says_of_every_key_what_it_is_and_never_twice) {
  std::set<std::string> seen;
  for (const auto& section : all_sections()) {
    EXPECT_FALSE(section.text.empty()) << section.name;
    for (const auto& key : section.keys) {
      const auto path = section.name + "." + std::string(key.info.name);
      EXPECT_TRUE(seen.insert(path).second) << path;
      EXPECT_FALSE(key.info.text.empty()) << path;
      EXPECT_NE(key.info.text.back(), '.') << path;
      const bool names_its_unit = key.info.name.ends_with("_ms") || key.info.name.ends_with("_bytes");
      EXPECT_TRUE(!names_its_unit || !key.info.unit.empty()) << path;
    }
  }
  EXPECT_GT(seen.size(), 120U);
}

// Reads each default back through its own override: a default outside its own range or form would be a fault.
TEST(description, every_default_is_allowed) {
  for (const auto& section : all_sections()) {
    if (section.is_list) continue;
    for (const auto& key : section.keys) {
      const std::vector<std::string> same{section.name + "." + std::string(key.info.name) + "=" +
                                          key.default_value};
      const auto result = load_text("", "", same);
      ASSERT_TRUE(result) << lines(result.error());
      EXPECT_EQ(result->values, good("")) << same[0];
    }
  }
}

// The header's comments and the description both say hot or cold; they must agree.
TEST(description, agrees_with_the_header_on_what_is_hot) {
  const std::regex field(R"((\w+)(?:\s*=\s*[^;]+|\{[^;]*\})?;\s*///< (hot|cold))");
  const auto header = read_tree("config/config.hpp");
  std::multiset<std::pair<std::string, bool>> written;
  for (std::sregex_iterator match(header.begin(), header.end(), field), end; match != end; ++match)
    written.insert({(*match)[1], (*match)[2] == "hot"});
  std::multiset<std::pair<std::string, bool>> described;
  std::set<std::string> shared;  // sections that stand in several places are written once
  for (const auto& section : all_sections())
    for (const auto& key : section.keys) {
      const bool once = key.info.name.starts_with("curve_") || section.name.ends_with(".tls");
      if (once && !shared.insert(std::string(key.info.name)).second) continue;
      described.insert({std::string(key.info.name), key.info.hot});
    }
  std::vector<std::pair<std::string, bool>> differing;
  std::set_symmetric_difference(written.begin(), written.end(), described.begin(), described.end(),
                                std::back_inserter(differing));
  EXPECT_THAT(differing, ::testing::IsEmpty());
  EXPECT_GT(written.size(), 100U);
}

}  // namespace
}  // namespace tickcast::config::testing
