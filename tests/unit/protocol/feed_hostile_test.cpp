#include <gtest/gtest.h>

#include <msgpack.hpp>

#include "protocol/feed_message.hpp"
#include "tests/unit/protocol/wire_samples.hpp"

namespace tickcast::protocol {
namespace {

recording_sink decode(std::string_view body, feed_format format = feed_format::automatic) {
  recording_sink sink;
  decode_feed(body, format, sink);
  return sink;
}

std::string bytes(std::initializer_list<int> values) {
  std::string result;
  for (const int value : values) result += static_cast<char>(value);
  return result;
}

constexpr std::string_view whole_json =
    R"({"type":"trade","symbol":"A","time":1,"price":"1.5","size":2,"x":[1,{"y":null}]})";

std::string whole_msgpack() {
  return as_wire(nlohmann::ordered_json::parse(whole_json), encoding::msgpack);
}

TEST(hostile_feed, lone_map_that_is_cut_anywhere_gives_one_refusal) {
  for (const std::string& body : {std::string(whole_json), whole_msgpack()}) {
    ASSERT_NE(decode(body).get<recording_sink::trade_seen>(), nullptr);
    for (std::size_t size = 0; size < body.size(); ++size) {
      const recording_sink sink = decode(body.substr(0, size));
      ASSERT_EQ(sink.items.size(), 1U) << size;
      EXPECT_EQ(sink.refused(), errc::malformed) << size;
    }
  }
}

TEST(hostile_feed, array_that_is_cut_gives_what_came_whole_and_one_refusal) {
  const std::string body = bytes({0x92}) + whole_msgpack() + whole_msgpack();
  const std::size_t one = whole_msgpack().size();
  for (std::size_t size = 1; size < body.size(); ++size) {
    const recording_sink sink = decode(body.substr(0, size));
    ASSERT_EQ(sink.items.size(), size > one ? 2U : 1U) << size;
    EXPECT_EQ(sink.refused(sink.items.size() - 1), errc::malformed) << size;
  }
}

TEST(hostile_feed, what_follows_a_map_spoils_it) {
  for (const std::string& body : {std::string(whole_json) + "x", std::string(whole_json) + "{}",
                                  whole_msgpack() + bytes({0xc0}), whole_msgpack() + whole_msgpack()}) {
    const recording_sink sink = decode(body);
    ASSERT_EQ(sink.items.size(), 1U);
    EXPECT_EQ(sink.refused(), errc::malformed);
  }
}

TEST(hostile_feed, every_byte_changed_is_survived) {
  const std::string body = whole_msgpack();
  for (std::size_t at = 0; at < body.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = body;
      changed[at] = static_cast<char>(value);
      EXPECT_GE(decode(changed, feed_format::msgpack).items.size(), at == 0 && value == 0x90 ? 0U : 1U);
    }
  }
}

TEST(hostile_feed, headers_that_lie_about_their_length_are_malformed) {
  for (const std::string& body :
       {bytes({0xdd, 0xff, 0xff, 0xff, 0xff}), bytes({0xdf, 0xff, 0xff, 0xff, 0xff}),
        bytes({0x81, 0xdb, 0xff, 0xff, 0xff, 0xff}), bytes({0x81, 0xa1, 'x', 0xc6, 0xff, 0xff, 0xff, 0xff}),
        bytes({0x81, 0xa1, 'x', 0xc9, 0xff, 0xff, 0xff, 0xff, 1}), bytes({0x81, 0xa1, 'x', 0xd8, 1}),
        bytes({0x81, 0xdd, 0xff, 0xff, 0xff, 0xff}), bytes({0x81, 0xdf, 0x7f, 0xff, 0xff, 0xff, 0x01}),
        bytes({0xdc}), bytes({0x81}), bytes({0x81, 0xa5, 'a'}), bytes({0xc1}), bytes({0x81, 0xc1, 0xc0})}) {
    const recording_sink sink = decode(body, feed_format::msgpack);
    ASSERT_EQ(sink.items.size(), 1U);
    EXPECT_EQ(sink.refused(), errc::malformed);
  }
}

TEST(hostile_feed, nesting_is_bounded_and_spares_the_neighbours) {
  const auto nested = [](std::size_t levels) {
    return R"({"type":"event","topic":"a.b","data":)" + std::string(levels, '[') + std::string(levels, ']') +
           "}";
  };
  EXPECT_NE(decode(nested(max_depth - 1)).get<recording_sink::event_seen>(), nullptr);
  EXPECT_EQ(decode(nested(max_depth)).refused(), errc::too_deep);
  const recording_sink sink = decode("[" + nested(1) + "," + nested(max_depth) + "," + nested(2) + "]");
  ASSERT_EQ(sink.items.size(), 3U);
  EXPECT_EQ(sink.get<recording_sink::event_seen>(0)->data, "[]");
  EXPECT_EQ(sink.refused(1), errc::too_deep);
  EXPECT_EQ(sink.get<recording_sink::event_seen>(2)->data, "[[]]");
}

TEST(hostile_feed, nesting_without_end_stops_the_decoder) {
  for (const char open : {'[', static_cast<char>(0x91)}) {
    const recording_sink sink = decode(std::string(1'000'000, open));
    ASSERT_EQ(sink.items.size(), 2U);
    EXPECT_EQ(sink.refused(0), errc::not_a_map);
    EXPECT_EQ(sink.refused(1), errc::too_deep);
  }
  std::string maps;
  for (int i = 0; i < 100'000; ++i) maps += bytes({0x81, 0xa1, 'x'});
  EXPECT_EQ(decode(maps).refused(), errc::too_deep);
}

TEST(hostile_feed, array_has_a_greatest_number_of_messages) {
  std::string body = "[";
  for (std::size_t i = 0; i < max_feed_array + 2; ++i) body += i == 0 ? "1" : ",1";
  recording_sink sink = decode(body + "]");
  ASSERT_EQ(sink.items.size(), max_feed_array + 1);
  EXPECT_EQ(sink.refused(max_feed_array), errc::too_large);
  std::string packed = bytes({0xdd, 0, 1, 0, 1}) + std::string(max_feed_array + 1, static_cast<char>(0x80));
  sink = decode(packed);
  ASSERT_EQ(sink.items.size(), max_feed_array + 1);
  EXPECT_EQ(sink.refused(max_feed_array), errc::too_large);
}

TEST(hostile_feed, body_has_a_greatest_size) {
  EXPECT_EQ(decode(std::string(max_feed_body + 1, ' ')).refused(), errc::too_large);
}

TEST(hostile_feed, last_of_two_fields_counts) {
  const recording_sink json =
      decode(R"({"type":"quote","type":"trade","symbol":"A","time":1,"price":1,"price":2,)"
             R"("size":1,"side":"x","side":"buy"})");
  ASSERT_NE(json.get<recording_sink::trade_seen>(), nullptr);
  EXPECT_EQ(json.get<recording_sink::trade_seen>()->value.price, decimal::from_integer(2));
  const recording_sink event = decode(R"({"type":"event","topic":"a.b","data":{"x":[1,2]},"data":[3]})");
  ASSERT_NE(event.get<recording_sink::event_seen>(), nullptr);
  EXPECT_EQ(event.get<recording_sink::event_seen>()->data, "[3]");
}

TEST(hostile_feed, keys_that_are_no_strings_are_passed_over) {
  std::string body = whole_msgpack();
  body[0] = static_cast<char>(static_cast<unsigned char>(body[0]) + 4);
  body += bytes({0x05, 0xc0});                                     // 5: nil
  body += bytes({0x92, 0x81, 0xa1, 'k', 0xc0, 0xcd, 1, 2, 0xc0});  // [{"k": nil}, 258]: nil
  body += bytes({0xc4, 2, 9, 9, 0xa1, 'v'});                       // bin: "v"
  body += bytes({0xd4, 1, 2, 0x80});                               // ext: {}
  EXPECT_NE(decode(body).get<recording_sink::trade_seen>(), nullptr);
}

TEST(hostile_feed, event_data_must_be_sayable_in_json) {
  const std::string head = bytes({0x83, 0xa4, 't', 'y', 'p',  'e', 0xa5, 'e', 'v',  'e', 'n', 't', 0xa5, 't',
                                  'o',  'p',  'i', 'c', 0xa3, 'a', '.',  'b', 0xa4, 'd', 'a', 't', 'a'});
  for (const std::string& data :
       {bytes({0xc4, 1, 0}), bytes({0xd4, 1, 0}), bytes({0x91, 0xc4, 1, 0}), bytes({0x81, 0x01, 0xc0}),
        bytes({0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0}), bytes({0xca, 0x7f, 0xc0, 0, 0}), bytes({0xa1, 0xff}),
        bytes({0x81, 0xa1, 0xff, 0xc0}), bytes({0x81, 0x90, 0xc0})}) {
    EXPECT_EQ(decode(head + data).refused(), errc::bad_field);
  }
  EXPECT_EQ(decode(head + bytes({0xca, 0x3d, 0xcc, 0xcc, 0xcd})).get<recording_sink::event_seen>()->data,
            "0.1");
}

TEST(hostile_feed, single_precision_is_taken_as_it_was_meant) {
  std::string body = bytes({0x85});
  msgpack::sbuffer packed;
  msgpack::packer<msgpack::sbuffer> packer(packed);
  packer.pack("type")
      .pack("trade")
      .pack("symbol")
      .pack("A")
      .pack("time")
      .pack(1)
      .pack("price")
      .pack(0.1F)
      .pack("size");
  packer.pack(static_cast<std::int64_t>(3));
  const recording_sink sink = decode(body + std::string(packed.data(), packed.size()));
  ASSERT_NE(sink.get<recording_sink::trade_seen>(), nullptr);
  EXPECT_EQ(sink.get<recording_sink::trade_seen>()->value.price.to_string(), "0.1");
}

TEST(hostile_feed, text_that_is_no_utf8_is_refused) {
  EXPECT_EQ(decode("{\"type\":\"trade\",\"symbol\":\"\xFF\"}").refused(), errc::malformed);
  std::string body =
      as_wire({{"type", "trade"}, {"symbol", "A"}, {"time", 1}, {"price", 1}, {"size", 1}, {"id", "@@"}},
              encoding::msgpack);
  body.replace(body.size() - 2, 2, "\xC3\x28");
  EXPECT_EQ(decode(body).refused(), errc::bad_field);
}

TEST(hostile_feed, number_beyond_any_double_is_an_overflow) {
  EXPECT_EQ(decode(R"({"type":"trade","symbol":"A","time":1,"price":1e999,"size":1})").refused(),
            errc::number_overflow);
}

TEST(hostile_feed, format_that_was_set_is_not_guessed) {
  EXPECT_EQ(decode(whole_json, feed_format::msgpack).refused(), errc::malformed);
  EXPECT_EQ(decode(whole_msgpack(), feed_format::json).refused(), errc::malformed);
}

TEST(hostile_feed, refusals_say_what_to_do_in_clean_text) {
  const recording_sink sink = decode(R"({"type":"tr\u0000ade\n"})");
  ASSERT_EQ(sink.refused(), errc::unknown_type);
  EXPECT_EQ(std::get<error>(sink.items[0]).message,
            "type \"tr?ade?\" is not known: send trade, quote, bar or event");
}

}  // namespace
}  // namespace tickcast::protocol
