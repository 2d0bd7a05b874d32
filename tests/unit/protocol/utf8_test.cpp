#include "protocol/utf8.hpp"

#include <gtest/gtest.h>

namespace tickcast::protocol {
namespace {

TEST(utf8, takes_well_formed_text) {
  for (const char* text :
       {"", "ascii that is longer than eight bytes", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "12345678\xC3\xA4"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
}

TEST(utf8, refuses_overlong_forms_surrogates_and_pieces) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
                           "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\xE2\x82",
                           "\xF0\x9F\x98", "\xFF", "12345678\xE2\x28\xA1"}) {
    EXPECT_FALSE(is_valid_utf8(text));
  }
}

TEST(utf8, is_repaired_byte_by_byte) {
  std::string repaired;
  append_as_utf8(repaired, "a\xC3\xA4\xFF\xC3z");
  EXPECT_EQ(repaired, "a\xC3\xA4\xEF\xBF\xBD\xEF\xBF\xBDz");
}

TEST(utf8, quotes_the_text_of_others_briefly) {
  EXPECT_EQ(in_quotes("ab"), "\"ab\"");
  EXPECT_EQ(in_quotes("a\nb\x7F\xFF"), "\"a?b??\"");
  const std::string cut = in_quotes(std::string(39, 'x') + "\xC3\xA4 and more");
  EXPECT_EQ(cut, "\"" + std::string(39, 'x') + "…\"");
  EXPECT_TRUE(is_valid_utf8(cut));
}

}  // namespace
}  // namespace tickcast::protocol
