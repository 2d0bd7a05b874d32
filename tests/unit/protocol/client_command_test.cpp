#include <gtest/gtest.h>

#include "protocol/client_message.hpp"
#include "tests/unit/protocol/wire_samples.hpp"

namespace tickcast::protocol {
namespace {

using json = nlohmann::ordered_json;
using names = std::vector<std::string>;

class client_command : public testing::TestWithParam<encoding> {
protected:
  tl::expected<command, command_error> decode(const json& frame) const {
    return decode_command(as_wire(frame, GetParam()), GetParam());
  }
  /// The code of the refusal; fails when `frame` is a command or the id is not `id`.
  error_code refusal(const json& frame, std::optional<std::uint64_t> id) const {
    const auto decoded = decode(frame);
    EXPECT_FALSE(decoded) << frame;
    if (decoded) return error_code::internal;
    EXPECT_EQ(decoded.error().id, id) << frame;
    EXPECT_FALSE(decoded.error().message.empty());
    return decoded.error().code;
  }
};
INSTANTIATE_TEST_SUITE_P(encodings, client_command, testing::Values(encoding::json, encoding::msgpack),
                         [](const auto& tested) { return encoding_name(tested.param); });

json subscribe(const json& topics) {
  return {{"type", "subscribe"}, {"id", 2}, {"data", {{"topics", topics}}}};
}

TEST_P(client_command, connect_may_have_a_token) {
  auto decoded = decode({{"type", "connect"}, {"id", 1}, {"data", {{"token", "abc"}}}});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->id, 1U);
  EXPECT_EQ(std::get<connect_command>(decoded->what).token, "abc");
  for (const json& frame :
       {json{{"type", "connect"}, {"id", 1}}, json{{"type", "connect"}, {"id", 1}, {"data", nullptr}},
        json{{"type", "connect"}, {"id", 1}, {"data", json::object()}},
        json{{"type", "connect"}, {"id", 1}, {"data", {{"token", nullptr}}}}}) {
    decoded = decode(frame);
    ASSERT_TRUE(decoded) << frame;
    EXPECT_EQ(std::get<connect_command>(decoded->what).token, "");
  }
}

TEST_P(client_command, connect_may_have_an_api_key) {
  const auto decoded = decode({{"type", "connect"}, {"id", 1}, {"data", {{"api_key", "abc"}}}});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(std::get<connect_command>(decoded->what).api_key, "abc");
  EXPECT_EQ(refusal({{"type", "connect"}, {"id", 1}, {"data", {{"api_key", 7}}}}, 1),
            error_code::bad_request);
}

TEST_P(client_command, subscribe_may_go_on_from_where_the_client_was) {
  const json seen{{"topic", "chat.a"}, {"epoch", "k3"}, {"seq", 17}};
  const auto decoded = decode(subscribe({"trade.A", seen}));
  ASSERT_TRUE(decoded);
  const auto& what = std::get<subscribe_command>(decoded->what);
  EXPECT_EQ(what.topics, (names{"trade.A", "chat.a"}));
  ASSERT_EQ(what.seen.size(), 2U);
  EXPECT_FALSE(what.seen[0]);
  EXPECT_EQ(what.seen[1]->epoch, "k3");
  EXPECT_EQ(what.seen[1]->seq, 17U);
  EXPECT_TRUE(std::get<subscribe_command>(decode(subscribe(json::array({"trade.A"})))->what).seen.empty());
  for (const json& odd :
       {json::object(), json{{"topic", "chat.a"}, {"epoch", "k3"}},
        json{{"topic", "chat.a"}, {"epoch", 3}, {"seq", 1}},
        json{{"topic", "chat.a"}, {"epoch", "k3"}, {"seq", -1}},
        json{{"topic", {{"topic", "x"}}}, {"epoch", "k3"}, {"seq", 1}}, json::array({"trade.A"})})
    EXPECT_EQ(refusal(subscribe(json::array({odd})), 2), error_code::bad_request) << odd;
}

TEST_P(client_command, refresh_needs_a_token) {
  const auto decoded = decode({{"type", "refresh"}, {"id", 1}, {"data", {{"token", "abc"}}}});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(std::get<refresh_command>(decoded->what).token, "abc");
  for (const json& data : {json::object(), json{{"token", ""}}, json{{"token", 7}}})
    EXPECT_EQ(refusal({{"type", "refresh"}, {"id", 1}, {"data", data}}, 1), error_code::bad_request);
}

TEST_P(client_command, subscribe_names_topics) {
  const json frame{{"data", {{"mode", "every"}, {"topics", {"trade.BTCUSDT", "bar.1m.BTCUSDT"}}}},
                   {"id", 2},
                   {"type", "subscribe"}};
  const auto decoded = decode(frame);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->id, 2U);
  EXPECT_EQ(std::get<subscribe_command>(decoded->what).topics, (names{"trade.BTCUSDT", "bar.1m.BTCUSDT"}));
}

TEST_P(client_command, unsubscribe_names_topics) {
  const auto decoded =
      decode({{"type", "unsubscribe"}, {"id", 9007199254740991}, {"data", {{"topics", {"trade.BTCUSDT"}}}}});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->id, 9007199254740991U);
  EXPECT_EQ(std::get<unsubscribe_command>(decoded->what).topics, names{"trade.BTCUSDT"});
}

TEST_P(client_command, history_names_a_topic_and_may_name_times_and_a_limit) {
  auto decoded = decode({{"type", "history"}, {"id", 5}, {"data", {{"topic", "bar.1m.BTCUSDT"}}}});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->id, 5U);
  const auto& alone = std::get<history_command>(decoded->what);
  EXPECT_EQ(alone.topic, "bar.1m.BTCUSDT");
  EXPECT_EQ(alone.from_us, std::nullopt);
  EXPECT_EQ(alone.to_us, std::nullopt);
  EXPECT_EQ(alone.limit, default_history_rows);
  decoded =
      decode({{"type", "history"},
              {"id", 5},
              {"data", {{"limit", 5000}, {"to", 1723075200000000}, {"from", -5}, {"topic", "trade.A"}}}});
  ASSERT_TRUE(decoded);
  const auto& whole = std::get<history_command>(decoded->what);
  EXPECT_EQ(whole.from_us, -5);
  EXPECT_EQ(whole.to_us, 1723075200000000);
  EXPECT_EQ(whole.limit, max_history_rows);
}

TEST_P(client_command, history_with_what_is_no_topic_time_or_limit_is_refused) {
  const auto refused = [&](const json& data) {
    EXPECT_EQ(refusal({{"type", "history"}, {"id", 5}, {"data", data}}, 5), error_code::bad_request) << data;
  };
  refused(json::object());
  refused({{"topic", 5}});
  refused({{"topic", json::array({"trade.A"})}});
  for (const json& time :
       {json("2024-08-08"), json(1.5), json(true), json::array(), json(9007199254740992)}) {
    refused({{"topic", "trade.A"}, {"from", time}});
    refused({{"topic", "trade.A"}, {"to", time}});
  }
  for (const json& limit : {json(0), json(-1), json(5001), json("5"), json(1.5), json::object()})
    refused({{"topic", "trade.A"}, {"limit", limit}});
}

TEST_P(client_command, ping_and_pong_have_no_data) {
  EXPECT_TRUE(std::holds_alternative<ping_command>(decode({{"type", "ping"}, {"id", 3}})->what));
  const auto pong = decode({{"type", "pong"}});
  ASSERT_TRUE(pong);
  EXPECT_TRUE(std::holds_alternative<pong_command>(pong->what));
  EXPECT_EQ(pong->id, 0U);
}

TEST_P(client_command, unknown_fields_are_ignored) {
  json frame = subscribe({"a.b"});
  frame["x"] = json::parse(R"({"type":"ping","data":{"topics":["no"]},"id":9})");
  frame["data"]["y"] = json::parse(R"([{"topics":["no"]},["no"],"no"])");
  const auto decoded = decode(frame);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->id, 2U);
  EXPECT_EQ(std::get<subscribe_command>(decoded->what).topics, names{"a.b"});
}

TEST_P(client_command, id_is_a_whole_number_from_1_that_javascript_has) {
  for (const json& id :
       {json(0), json(-1), json(1.5), json("1"), json(9007199254740992), json::array(), json(true)}) {
    EXPECT_EQ(refusal({{"type", "ping"}, {"id", id}}, std::nullopt), error_code::bad_request) << id;
  }
  EXPECT_EQ(refusal({{"type", "ping"}}, std::nullopt), error_code::bad_request);
}

TEST_P(client_command, type_must_be_one_that_exists) {
  EXPECT_EQ(refusal({{"type", "explode now"}, {"id", 4}}, 4), error_code::unknown_command);
  EXPECT_EQ(refusal({{"type", "snapshot"}, {"id", 4}}, 4), error_code::unknown_command);
  EXPECT_EQ(refusal({{"type", std::string(65, 'x')}, {"id", 4}}, 4), error_code::unknown_command);
  EXPECT_EQ(refusal({{"id", 4}}, 4), error_code::bad_request);
  EXPECT_EQ(refusal({{"type", 1}, {"id", 4}}, 4), error_code::bad_request);
  EXPECT_EQ(refusal({{"type", "explode now"}}, std::nullopt), error_code::bad_request);
}

TEST_P(client_command, what_is_no_command_of_ours_is_a_call) {
  const auto with_id = decode({{"type", "order.place"}, {"id", 4}, {"data", {{"qty", 3}, {"data", 1}}}});
  ASSERT_TRUE(with_id);
  EXPECT_EQ(with_id->id, 4U);
  EXPECT_EQ(std::get<call_command>(with_id->what).type, "order.place");
  EXPECT_EQ(std::get<call_command>(with_id->what).data, R"({"qty":3,"data":1})");
  const auto without = decode({{"type", "note"}});
  ASSERT_TRUE(without);
  EXPECT_EQ(without->id, 0U);
  EXPECT_EQ(std::get<call_command>(without->what).data, "null");
}

TEST_P(client_command, a_publication_has_a_topic_and_data) {
  const auto made = decode({{"type", "publish"},
                            {"id", 4},
                            {"data", {{"topic", "a.b"}, {"data", {1, nullptr}}, {"echo", false}}}});
  ASSERT_TRUE(made);
  const auto& what = std::get<client_publish_command>(made->what);
  EXPECT_EQ(what.topic, "a.b");
  EXPECT_EQ(what.data, "[1,null]");
  EXPECT_FALSE(what.echo);
  for (const json& data : {json{{"topic", "a.b"}}, json{{"data", 1}}, json{{"topic", 1}, {"data", 1}},
                           json(7), json{{"topic", "a.b"}, {"data", 1}, {"echo", "no"}}})
    EXPECT_EQ(refusal({{"type", "publish"}, {"id", 4}, {"data", data}}, 4), error_code::bad_request) << data;
  EXPECT_EQ(refusal({{"type", "publish"}, {"data", {{"topic", "a.b"}, {"data", 1}}}}, std::nullopt),
            error_code::bad_request);
}

TEST_P(client_command, an_acknowledgement_names_one_message_or_several) {
  const auto seqs = [&](const json& seq) {
    const auto made = decode({{"type", "ack"}, {"data", {{"epoch", "k"}, {"seq", seq}}}});
    return made ? std::get<ack_command>(made->what).seqs : std::vector<std::uint64_t>{};
  };
  EXPECT_EQ(seqs(7), std::vector<std::uint64_t>{7});
  EXPECT_EQ(seqs({7, 8}), (std::vector<std::uint64_t>{7, 8}));
  for (const json& seq : {json(-1), json("7"), json::array(), json(1.5), json({1, "2"}), json(nullptr)})
    EXPECT_TRUE(seqs(seq).empty()) << seq;
  EXPECT_EQ(refusal({{"type", "ack"}, {"id", 3}, {"data", {{"seq", 1}}}}, 3), error_code::bad_request);
}

TEST_P(client_command, connect_may_say_how_far_its_messages_are) {
  const auto made =
      decode({{"type", "connect"}, {"id", 1}, {"data", {{"messages", {{"epoch", "k3"}, {"seq", 17}}}}}});
  ASSERT_TRUE(made);
  EXPECT_EQ(std::get<connect_command>(made->what).messages->seq, 17U);
  for (const json& messages :
       {json(1), json::object(), json{{"epoch", 1}, {"seq", 1}}, json{{"epoch", "k"}, {"seq", -1}}})
    EXPECT_EQ(refusal({{"type", "connect"}, {"id", 1}, {"data", {{"messages", messages}}}}, 1),
              error_code::bad_request)
        << messages;
}

TEST_P(client_command, data_must_be_a_map) {
  for (const json& data : {json(1), json("x"), json::array(), json(true)}) {
    EXPECT_EQ(refusal({{"type", "connect"}, {"id", 4}, {"data", data}}, 4), error_code::bad_request) << data;
    EXPECT_EQ(refusal({{"type", "subscribe"}, {"id", 4}, {"data", data}}, 4), error_code::bad_request)
        << data;
  }
  EXPECT_EQ(refusal({{"type", "connect"}, {"id", 4}, {"data", {{"token", 5}}}}, 4), error_code::bad_request);
}

TEST_P(client_command, topics_must_be_an_array_of_strings) {
  for (const json& topics :
       {json("a.b"), json(1), json(nullptr), json::object(), json::array(), json::array({1}),
        json::array({"a.b", json::array({"c.d"})}), json::array({"a.b", nullptr})}) {
    EXPECT_EQ(refusal(subscribe(topics), 2), error_code::bad_request) << topics;
  }
  EXPECT_EQ(refusal({{"type", "subscribe"}, {"id", 2}}, 2), error_code::bad_request);
  EXPECT_EQ(refusal({{"type", "unsubscribe"}, {"id", 2}, {"data", json::object()}}, 2),
            error_code::bad_request);
}

TEST_P(client_command, one_command_names_a_bounded_number_of_topics) {
  json topics = json::array();
  for (std::size_t i = 0; i < max_command_topics; ++i) topics.push_back("a." + std::to_string(i));
  ASSERT_TRUE(decode(subscribe(topics)));
  topics.push_back("a.b");
  EXPECT_EQ(refusal(subscribe(topics), 2), error_code::limit_exceeded);
}

TEST_P(client_command, mode_other_than_every_is_refused_with_a_hint) {
  json frame = subscribe({"a.b"});
  for (const json& mode : {json("conflate"), json(5), json::array()}) {
    frame["data"]["mode"] = mode;
    const auto decoded = decode(frame);
    ASSERT_FALSE(decoded) << mode;
    EXPECT_EQ(decoded.error().code, error_code::bad_request);
    EXPECT_EQ(decoded.error().id, 2U);
    EXPECT_NE(decoded.error().message.find("\"every\""), std::string::npos);
  }
}

TEST_P(client_command, frame_that_is_cut_anywhere_is_a_bad_request_without_id) {
  const std::string whole = as_wire(subscribe({"a.b", "c.d"}), GetParam());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto decoded = decode_command(std::string_view(whole).substr(0, size), GetParam());
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().id, std::nullopt);
    EXPECT_EQ(decoded.error().code, error_code::bad_request);
  }
  EXPECT_FALSE(decode_command(whole + whole, GetParam()));
}

TEST_P(client_command, frame_must_be_a_map) {
  for (const json& frame : {json::array({subscribe({"a.b"})}), json("ping"), json(1), json(nullptr)}) {
    EXPECT_EQ(refusal(frame, std::nullopt), error_code::bad_request) << frame;
  }
}

TEST_P(client_command, nesting_is_bounded) {
  json deep = 1;
  for (std::size_t i = 0; i < max_depth; ++i) deep = json::array({deep});
  EXPECT_EQ(refusal({{"type", "ping"}, {"id", 1}, {"x", deep}}, std::nullopt), error_code::bad_request);
}

TEST(client_command_json, last_of_two_fields_counts) {
  const auto decoded = decode_command(
      R"({"type":"subscribe","id":1,"id":2,"data":{"topics":["a.b"]},"data":{"topics":["c.d"],"topics":["e.f"]}})",
      encoding::json);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->id, 2U);
  EXPECT_EQ(std::get<subscribe_command>(decoded->what).topics, names{"e.f"});
  EXPECT_FALSE(
      decode_command(R"({"type":"subscribe","id":1,"data":{"topics":["a.b"]},"data":{}})", encoding::json));
}

}  // namespace
}  // namespace tickcast::protocol
