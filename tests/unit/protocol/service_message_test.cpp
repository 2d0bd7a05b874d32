#include "protocol/service_message.hpp"

#include <gtest/gtest.h>

#include "tests/unit/protocol/wire_samples.hpp"

namespace tickcast::protocol {
namespace {

using json = nlohmann::ordered_json;

class service_message : public testing::TestWithParam<encoding> {
protected:
  recording_sink decode(const json& body) const {
    recording_sink sink;
    decode_service(as_wire(body, GetParam()), sink);
    return sink;
  }
  std::optional<errc> refusal(const json& body) const {
    const recording_sink sink = decode(body);
    EXPECT_EQ(sink.items.size(), 1U) << body;
    return sink.refused();
  }
};
INSTANTIATE_TEST_SUITE_P(encodings, service_message, testing::Values(encoding::json, encoding::msgpack),
                         [](const auto& tested) { return encoding_name(tested.param); });

json publish(const json& data) {
  return json{{"type", "publish"}, {"src", "django"}, {"data", data}};
}

TEST_P(service_message, publish_is_an_event) {
  const json inner = json::parse(R"({"topic":"no","data":{"data":[1],"topic":"x"},"n":1})");
  for (const json& data :
       {json{{"topic", "monitor.cpu"}, {"data", inner}}, json{{"data", inner}, {"topic", "monitor.cpu"}},
        json{{"a", {1, 2}}, {"data", inner}, {"z", {{"data", 5}}}, {"topic", "monitor.cpu"}}}) {
    const recording_sink sink = decode(publish(data));
    const auto* seen = sink.get<recording_sink::event_seen>();
    ASSERT_NE(seen, nullptr) << data;
    EXPECT_EQ(seen->topic, "monitor.cpu");
    EXPECT_EQ(seen->data, inner.dump());
  }
}

TEST_P(service_message, publish_takes_any_json) {
  for (const json& value : {json(5), json(nullptr), json("text"), json::array(), json(true), json(-1.25)}) {
    const recording_sink sink = decode(publish({{"topic", "a.b"}, {"data", value}}));
    ASSERT_NE(sink.get<recording_sink::event_seen>(), nullptr) << value;
    EXPECT_EQ(sink.get<recording_sink::event_seen>()->data, value.dump());
  }
}

TEST_P(service_message, publish_needs_topic_and_data_inside_data) {
  EXPECT_EQ(refusal(publish({{"data", 1}})), errc::missing_field);
  EXPECT_EQ(refusal(publish({{"topic", "a.b"}})), errc::missing_field);
  EXPECT_EQ(refusal(publish(json::array({1}))), errc::missing_field);
  EXPECT_EQ(refusal(publish("text")), errc::missing_field);
  EXPECT_EQ(refusal(json{{"type", "publish"}, {"topic", "a.b"}, {"data", 1}}), errc::missing_field);
  EXPECT_EQ(refusal(publish({{"topic", 5}, {"data", 1}})), errc::bad_field);
  EXPECT_EQ(refusal(publish({{"topic", {"a"}}, {"data", 1}})), errc::bad_field);
  EXPECT_EQ(refusal(publish({{"topic", nullptr}, {"data", 1}})), errc::missing_field);
  EXPECT_EQ(refusal(publish({{"topic", "a"}, {"data", 1}})), errc::bad_topic);
  EXPECT_EQ(refusal(publish({{"topic", "trade.A"}, {"data", 1}})), errc::reserved_topic);
}

TEST_P(service_message, feed_messages_are_taken_too) {
  const recording_sink sink =
      decode(json::array({json{{"type", "trade"}, {"symbol", "A"}, {"time", 1}, {"price", 2}, {"size", 3}},
                          json{{"type", "event"}, {"topic", "a.b"}, {"data", 1}},
                          publish({{"topic", "c.d"}, {"data", {1, 2}}})}));
  ASSERT_EQ(sink.items.size(), 3U);
  EXPECT_NE(sink.get<recording_sink::trade_seen>(0), nullptr);
  EXPECT_NE(sink.get<recording_sink::event_seen>(1), nullptr);
  EXPECT_EQ(sink.get<recording_sink::event_seen>(2)->data, "[1,2]");
}

TEST_P(service_message, parts_of_one_publish_do_not_leak_into_the_next) {
  const recording_sink sink = decode(json::array(
      {publish({{"topic", "a.b"}, {"data", 1}}), publish({{"topic", "c.d"}}), publish({{"data", 1}})}));
  ASSERT_EQ(sink.items.size(), 3U);
  EXPECT_EQ(sink.refused(1), errc::missing_field);
  EXPECT_EQ(sink.refused(2), errc::missing_field);
}

TEST_P(service_message, questions_want_a_socket_that_answers) {
  for (const char* type :
       {"presence", "users", "topics", "get_quote", "get_history", "stats", "claim", "unclaim"}) {
    EXPECT_EQ(refusal(json{{"type", type}, {"data", json::object()}}), errc::unsupported) << type;
  }
  EXPECT_EQ(refusal(json{{"type", "explode"}}), errc::unknown_type);
}

TEST(publish, encodes_what_the_decoder_takes) {
  const expected<std::string> body = encode_publish("monitor.cpu", R"( { "load" : 0.250 } )", "te\"st");
  ASSERT_TRUE(body);
  EXPECT_EQ(*body,
            R"({"type":"publish","src":"te\"st","data":{"topic":"monitor.cpu","data":{"load":0.250}}})");
  recording_sink sink;
  decode_service(*body, sink);
  EXPECT_EQ(sink.get<recording_sink::event_seen>()->data, R"({"load":0.250})");
}

TEST(publish, refuses_what_the_server_would_refuse) {
  EXPECT_EQ(encode_publish("monitor", "1", "t").error().code, errc::bad_topic);
  EXPECT_EQ(encode_publish("trade.A", "1", "t").error().code, errc::reserved_topic);
  EXPECT_EQ(encode_publish("a.b", "{", "t").error().code, errc::malformed);
}

}  // namespace
}  // namespace tickcast::protocol
