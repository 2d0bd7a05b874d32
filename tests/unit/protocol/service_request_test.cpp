#include "protocol/service_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickcast::protocol {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string packed(const json& value) {
  const auto bytes = json::to_msgpack(value);
  return {bytes.begin(), bytes.end()};
}

json unpacked(const std::string& bytes) {
  return json::from_msgpack(bytes);
}

TEST(a_service_question, is_read_from_either_encoding) {
  const json question{{"type", "get_quote"}, {"id", 7}, {"src", "django"}, {"data", {{"symbol", "X"}}}};
  for (const auto& [body, as] :
       {std::pair(" \n" + question.dump(), encoding::json), std::pair(packed(question), encoding::msgpack)}) {
    const auto read = decode_service_request(body);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->type, "get_quote");
    EXPECT_EQ(read->id, "7");
    EXPECT_EQ(read->data, question["data"]);
    EXPECT_EQ(read->as, as);
  }
  EXPECT_EQ(decode_service_request(R"({"type":"x","id":"a\"b"})")->id, R"("a\"b")");
  EXPECT_EQ(decode_service_request(R"({"type":"x","id":1,"data":null})")->data, json::object());
}

TEST(a_service_question, that_is_none_is_refused_with_what_is_known_of_it) {
  const auto refusal = [](std::string_view body) { return decode_service_request(body).error(); };
  EXPECT_THAT(refusal("").message, HasSubstr("one map"));
  EXPECT_THAT(refusal("[1]").message, HasSubstr("one map"));
  EXPECT_THAT(refusal("{}").message, HasSubstr("id must be"));
  EXPECT_THAT(refusal(R"({"type":"x","id":1.5})").message, HasSubstr("id must be"));
  EXPECT_THAT(refusal(R"({"type":"x","id":")" + std::string(129, 'i') + "\"}").message,
              HasSubstr("id must be"));
  EXPECT_EQ(refusal(R"({"id":"q"})").id, R"("q")");
  EXPECT_THAT(refusal(R"({"type":"x","id":1,"data":[]})").message, HasSubstr("data must be"));
  EXPECT_EQ(refusal(packed({{"id", 3}})).as, encoding::msgpack);
}

TEST(a_service_question, is_nested_no_deeper_than_any_message) {
  const auto nested = [](int depth) {
    return R"({"type":"x","id":1,"data":)" + std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']') + "}";
  };
  EXPECT_THAT(decode_service_request(nested(31)).error().message, HasSubstr("data must be"));
  EXPECT_THAT(decode_service_request(nested(32)).error().message, HasSubstr("one map"));
  EXPECT_FALSE(decode_service_request(std::string(100'000, '\x91')));
}

TEST(an_answer_to_a_backend, has_the_id_and_the_payload_as_it_is) {
  service_request question;
  question.type = "get_quote";
  question.id = R"("q")";
  EXPECT_EQ(encode_service_reply(question, R"({"a":1.10})"),
            R"({"type":"reply","id":"q","data":{"a":1.10}})");
  question.as = encoding::msgpack;
  EXPECT_EQ(unpacked(encode_service_reply(question, packed({{"a", 1}}))),
            (json{{"type", "reply"}, {"id", "q"}, {"data", {{"a", 1}}}}));
}

TEST(an_answer_to_a_backend, may_be_an_error_with_code_and_sentence) {
  service_refusal why{"4", encoding::json, error_code::too_many_requests, "later"};
  const json expected{
      {"type", "error"}, {"id", 4}, {"data", {{"code", 111}, {"message", "later"}, {"temporary", true}}}};
  EXPECT_EQ(json::parse(encode_service_error(why)), expected);
  why.as = encoding::msgpack;
  EXPECT_EQ(unpacked(encode_service_error(why)), expected);
}

}  // namespace
}  // namespace tickcast::protocol
