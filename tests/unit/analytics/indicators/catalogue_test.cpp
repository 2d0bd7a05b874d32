#include "analytics/indicators/catalogue.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "analytics/indicators/call.hpp"
#include "analytics/indicators/reference.hpp"

namespace tickcast::tests {
namespace {

using analytics::indicators::catalogue;
using analytics::indicators::find;
using analytics::indicators::parameter_type;
using analytics::indicators::parse_call;

TEST(indicator_catalogue, has_each_name_once_and_finds_it) {
  std::set<std::string_view> names;
  for (const auto& function : catalogue()) {
    EXPECT_TRUE(names.insert(function.name).second) << function.name;
    EXPECT_EQ(find(function.name), &function);
    if (!function.alias.empty()) {
      EXPECT_TRUE(names.insert(function.alias).second) << function.alias;
      EXPECT_EQ(find(function.alias), &function);
    }
  }
  EXPECT_GE(catalogue().size(), 70U);
  EXPECT_EQ(find("none"), nullptr);
  EXPECT_EQ(find(""), nullptr);
}

TEST(indicator_catalogue, describes_every_function_whole) {
  for (const auto& function : catalogue()) {
    SCOPED_TRACE(function.name);
    EXPECT_TRUE(function.text.ends_with('.'));
    EXPECT_FALSE(function.group.empty());
    EXPECT_NE(function.reads, 0U);
    EXPECT_FALSE(function.outputs.empty());
    EXPECT_LE(function.outputs.size(), analytics::indicators::most_outputs);
    EXPECT_EQ(function.outputs.size() == 1, function.outputs[0].name.empty());
    for (const auto& parameter : function.parameters) {
      EXPECT_FALSE(parameter.text.empty());
      EXPECT_GE(parameter.standard, parameter.least);
      EXPECT_LE(parameter.standard, parameter.most);
    }
  }
}

TEST(indicator_catalogue, takes_every_parameter_at_its_ends_and_nothing_beyond) {
  for (const auto& function : catalogue())
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
      const auto& parameter = function.parameters[i];
      if (parameter.type != parameter_type::whole) continue;
      std::string before{function.name};
      before += '(';
      for (std::size_t j = 0; j < i; ++j) {
        const auto canonical = parse_call(function.name).value().canonical;
        std::size_t at = canonical.find('(');
        for (std::size_t k = 0; k < j; ++k) at = canonical.find(',', at + 1);
        before += canonical.substr(at + 1, canonical.find_first_of(",)", at + 1) - at - 1) + ',';
      }
      const auto with = [&before](double value) {
        return parse_call(before + std::to_string(static_cast<int>(value)) + ')').has_value();
      };
      EXPECT_TRUE(with(parameter.least)) << before;
      EXPECT_TRUE(with(parameter.most)) << before;
      EXPECT_FALSE(with(parameter.least - 1)) << before;
      EXPECT_FALSE(with(parameter.most + 1)) << before;
    }
}

TEST(indicator_catalogue, stands_in_the_documentation_as_it_is) {
  std::ifstream file{std::string{TICKCAST_SOURCE_DIRECTORY} + "/docs/indicators.md"};
  std::stringstream page;
  page << file.rdbuf();
  const auto text = page.str();
  const auto begin = text.find("<!-- indicators:");
  const auto end = text.find("<!-- end of indicators -->");
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const auto from = text.find('\n', begin) + 1;
  EXPECT_EQ(text.substr(from, end - from), analytics::indicators::reference())
      << "put the output of `indicator_table --reference` between the markers of docs/indicators.md";
}

}  // namespace
}  // namespace tickcast::tests
