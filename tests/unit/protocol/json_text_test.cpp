#include "protocol/json_text.hpp"

#include <gtest/gtest.h>

#include "protocol/json_writer.hpp"
#include "protocol/msgpack_writer.hpp"
#include "tests/unit/protocol/wire_samples.hpp"

namespace tickcast::protocol {
namespace {

TEST(json_text, loses_only_white_space) {
  EXPECT_EQ(*compact_json(" { \"a\" : [ 1 , 2.50 , -3e5 , null , true ] ,\n\"b\" : { } } "),
            R"({"a":[1,2.50,-3e5,null,true],"b":{}})");
  EXPECT_EQ(*compact_json("123456789012345678901234567890.5"), "123456789012345678901234567890.5");
  EXPECT_EQ(*compact_json(R"("\u00e4\n\"")"), "\"\xC3\xA4\\n\\\"\"");
}

TEST(json_text, refuses_what_is_not_json) {
  EXPECT_EQ(compact_json("{").error().code, errc::malformed);
  EXPECT_EQ(compact_json("").error().code, errc::malformed);
  EXPECT_EQ(compact_json("1 2").error().code, errc::malformed);
  EXPECT_EQ(compact_json("\"\xFF\"").error().code, errc::malformed);
  EXPECT_EQ(compact_json("1e999").error().code, errc::number_overflow);
  EXPECT_EQ(compact_json(std::string(33, '[') + std::string(33, ']')).error().code, errc::too_deep);
  EXPECT_TRUE(compact_json(std::string(32, '[') + std::string(32, ']')));
}

TEST(json_writer, escapes_what_json_must_escape) {
  std::string out;
  json_writer(out).text(std::string_view("a\"\\\n\t\r\b\0\x1F\xC3\xA4\xFFz", 13));
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\t\\r\\u0008\\u0000\\u001f\xC3\xA4\xEF\xBF\xBDz\"");
  EXPECT_EQ(nlohmann::json::parse(out).get<std::string>(),
            std::string_view("a\"\\\n\t\r\b\0\x1F\xC3\xA4\xEF\xBF\xBDz", 15));
}

TEST(json_as_msgpack, is_the_same_document) {
  nlohmann::ordered_json wide = nlohmann::ordered_json::array();
  for (int i = 0; i < 70000; ++i) wide.push_back(i);
  nlohmann::ordered_json map16 = nlohmann::ordered_json::object();
  for (int i = 0; i < 16; ++i) map16["key" + std::to_string(i)] = nlohmann::ordered_json::array({i});
  const std::vector<nlohmann::ordered_json> documents{
      nlohmann::ordered_json::parse(
          R"({"load":0.25,"cores":[1,-2,3],"none":null,"on":true,"s":"ä\"","e":{},"f":[]})"),
      nlohmann::ordered_json::parse("[18446744073709551615,-9223372036854775808,1e300,-0.5]"),
      nlohmann::ordered_json::parse("[[[[[[[[[[1]]]]]]]]]]"),
      nlohmann::ordered_json(42),
      nlohmann::ordered_json("text"),
      wide,
      map16};
  for (const nlohmann::ordered_json& document : documents) {
    std::string bytes;
    append_json_as_msgpack(bytes, document.dump());
    EXPECT_EQ(nlohmann::ordered_json::from_msgpack(bytes), document);
  }
  for (const nlohmann::ordered_json& document : {wide, map16}) {
    std::string bytes;
    append_json_as_msgpack(bytes, document.dump());
    EXPECT_EQ(bytes.size(), nlohmann::ordered_json::to_msgpack(document).size());
  }
}

TEST(json_as_msgpack, is_nil_for_what_is_not_json) {
  std::string bytes = "kept";
  append_json_as_msgpack(bytes, "[1,");
  EXPECT_EQ(bytes, "kept\xC0");
}

}  // namespace
}  // namespace tickcast::protocol
