#include <zlib.h>

#include "api_world.hpp"

namespace tickcast::tests {
namespace {

class bars_route_test : public api_world {
protected:
  bars_route_test() : from(feed("f")) {}
  /// Trades of A at second 0, 1, … up to `end`, one in each bar of a second.
  void trade_seconds(std::int64_t end) {
    for (std::int64_t second = 0; second < end; ++second) {
      from.on_trade("A", make_trade(second, std::to_string(100 + second), "2", ++last_id_), {});
      from.flush();
    }
    settle();
  }

  actors::feed_port& from;
};

TEST_F(bars_route_test, the_forming_bar_comes_last_with_a_flag) {
  trade_seconds(3);
  const auto got = data("/api/v1/bars?symbol=A&interval=1s");
  EXPECT_EQ(got["symbol"], "A");
  EXPECT_EQ(got["interval"], "1s");
  EXPECT_EQ(got["time"], json({0, 1'000'000, 2'000'000}));
  EXPECT_EQ(got["open"], json({100, 101, 102}));
  EXPECT_EQ(got["volume"], json({2, 2, 2}));
  EXPECT_EQ(got["forming"], true);
  EXPECT_EQ(got["previous"], nullptr);
  EXPECT_EQ(data("/api/v1/bars?symbol=A&interval=1s&to=2000000")["forming"], false);
}

TEST_F(bars_route_test, what_is_older_than_the_topic_shows_comes_from_history) {
  keep_bars("A", "1s", 1, -10, 0);
  trade_seconds(3);
  const auto got = data("/api/v1/bars?symbol=A&interval=1s&limit=5");
  EXPECT_EQ(got["time"], json({-2'000'000, -1'000'000, 0, 1'000'000, 2'000'000}));
  EXPECT_EQ(got["previous"], -2'999'999);
}

TEST_F(bars_route_test, carries_the_position_from_which_live_updates_go_on) {
  auto& client = join(0, {"bar.1s.A"});
  trade_seconds(2);
  const auto got = data("/api/v1/bars?symbol=A&interval=1s");
  EXPECT_EQ(got["seq"], client.seqs("bar.1s.A").back());
  EXPECT_FALSE(got["epoch"].get<std::string>().empty());
}

TEST_F(bars_route_test, further_columns_come_when_asked_for) {
  keep_bars("B", "1d", 86400, 0, 2);
  auto& bar = past.all_bars[{"1d", "B"}][0];
  bar.value = "2.5"_d;
  bar.volume = "2"_d;
  bar.rev = 3;
  const auto got = data("/api/v1/bars?symbol=B&interval=1d&fields=value,vwap,trades,rev");
  EXPECT_EQ(got["value"], json({2.5, nullptr}));
  EXPECT_EQ(got["vwap"], json({1.25, nullptr}));
  EXPECT_EQ(got["trades"], json({1, 1}));
  EXPECT_EQ(got["rev"], json({3, 0}));
  EXPECT_FALSE(data("/api/v1/bars?symbol=B&interval=1d").contains("vwap"));
  EXPECT_EQ(get("/api/v1/bars?symbol=B&interval=1d&fields=vwap,colour").status(), 400u);
}

TEST_F(bars_route_test, answers_in_message_pack_what_it_answers_in_json) {
  trade_seconds(4);
  const auto text = data("/api/v1/bars?symbol=A&interval=1s&fields=vwap,rev");
  const auto packed = get("/api/v1/bars?symbol=A&interval=1s&fields=vwap,rev&format=msgpack");
  EXPECT_EQ(packed.content->content_type, "application/msgpack");
  EXPECT_EQ(json::from_msgpack(packed.body()), text);
  const auto accepted = get("/api/v1/bars?symbol=A&interval=1s&fields=vwap,rev", "application/msgpack");
  EXPECT_EQ(accepted.body(), packed.body());
}

TEST_F(bars_route_test, large_answers_are_compressed_for_those_who_can_read_it) {
  keep_bars("B", "1m", 60, 0, 500);
  const auto plain = get("/api/v1/bars?symbol=B&interval=1m");
  const auto small = get("/api/v1/bars?symbol=B&interval=1m", {}, "gzip");
  EXPECT_FALSE(plain.content->gzip);
  ASSERT_TRUE(small.content->gzip);
  EXPECT_LT(small.body().size(), plain.body().size() / 2);
  std::string out(plain.body().size() + 100, '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  auto in = small.body();
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_EQ(out, plain.body());
}

TEST_F(bars_route_test, the_tag_changes_with_the_bars_and_only_then) {
  trade_seconds(2);
  const auto first = get("/api/v1/bars?symbol=A&interval=1s").content->etag;
  EXPECT_EQ(get("/api/v1/bars?symbol=A&interval=1s").content->etag, first);
  trade(from, "A", 1, "99");
  EXPECT_NE(get("/api/v1/bars?symbol=A&interval=1s").content->etag, first);
}

TEST_F(bars_route_test, refuses_with_a_sentence_that_says_what_to_change) {
  trade_seconds(1);
  const auto refused = [&](const std::string& query, std::string_view part) {
    const auto got = get("/api/v1/bars" + query);
    EXPECT_EQ(got.status(), 400u) << query;
    EXPECT_EQ(got.data()["error"]["code"], "bad_request");
    EXPECT_NE(got.message().find(part), std::string::npos) << got.message();
  };
  refused("?interval=1m", "symbol=BTCUSDT");
  refused("?symbol=A", "interval=1m");
  refused("?symbol=A&interval=3m", "3m");
  refused("?symbol=A%20B&interval=1m", "letters, digits");
  refused("?symbol=A&interval=1m&limit=0", "from 1 to 50000");
  refused("?symbol=A&interval=1m&limit=50001", "from 1 to 50000");
  refused("?symbol=A&interval=1m&from=yesterday", "ISO 8601");
  refused("?symbol=A&interval=1m&format=xml", "json, msgpack");
  refused("?symbol=A&interval=1m&form=2", "it takes symbol, interval");
  refused("?symbol=A&interval=1m&symbol=B", "once");
}

TEST_F(bars_route_test, an_unknown_symbol_is_404_and_a_known_one_without_bars_an_empty_answer) {
  const auto unknown = get("/api/v1/bars?symbol=NOBODY&interval=1m");
  EXPECT_EQ(unknown.status(), 404u);
  EXPECT_NE(unknown.message().find("/api/v1/instruments"), std::string::npos);
  trade_seconds(1);
  const auto none = data("/api/v1/bars?symbol=A&interval=1d");
  EXPECT_EQ(none["time"], json::array());
  EXPECT_EQ(none["forming"], false);
}

TEST_F(bars_route_test, a_symbol_that_only_history_knows_is_served) {
  keep_bars("OLD", "1d", 86400, 0, 3);
  EXPECT_EQ(data("/api/v1/bars?symbol=OLD&interval=1d")["time"].size(), 3u);
}

TEST_F(bars_route_test, a_store_that_fails_is_a_503_with_its_sentence) {
  past.broken = true;
  const auto got = get("/api/v1/bars?symbol=A&interval=1d");
  EXPECT_EQ(got.status(), 503u);
  EXPECT_EQ(got.message(), "the disk is gone");
}

TEST_F(bars_route_test, while_the_dispatcher_is_restarted_the_answer_is_503_and_then_it_works_again) {
  trade_seconds(2);
  const auto shard = engine_->symbols.find("A")->shard;
  actors::end(dispatchers_[shard], caf::exit_reason::unhandled_exception);
  settle();
  EXPECT_EQ(get("/api/v1/bars?symbol=A&interval=1s").status(), 503u);
  dispatchers_[shard] = rooms_[shard]->start_dispatcher();
  settle();
  EXPECT_EQ(get("/api/v1/bars?symbol=A&interval=1s").status(), 200u);
}

TEST_F(bars_route_test, indicators_count_their_look_back_from_the_first_stored_bar) {
  keep_bars("B", "1d", 86400, 0, 10);
  const auto all = data("/api/v1/indicators?symbol=B&interval=1d&functions=mean(3)");
  EXPECT_EQ(all["values"]["mean(3)"], json({nullptr, nullptr, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5}));
  const auto some = data("/api/v1/indicators?symbol=B&interval=1d&functions=mean(3)&from=1970-01-06&limit=2");
  EXPECT_EQ(some["values"]["mean(3)"], json({4.5, 5.5})) << "no look-back of their own";
  EXPECT_EQ(some["close"], json({5.5, 6.5}));
  EXPECT_EQ(some["next"], 7 * 86400'000'000);
  EXPECT_EQ(some["previous"], 4 * 86400'000'000 + 1);
  const auto newest = data("/api/v1/indicators?symbol=B&interval=1d&functions=mean(3)&limit=2");
  EXPECT_EQ(newest["values"]["mean(3)"], json({7.5, 8.5}));
  const auto unknown = get("/api/v1/indicators?symbol=B&interval=1d&functions=magic()");
  EXPECT_EQ(unknown.status(), 400u);
  EXPECT_EQ(unknown.message(), "only mean(n) is known");
  EXPECT_EQ(get("/api/v1/indicators?symbol=B&interval=1d").status(), 400u);
}

class closed_house_test : public api_world {
protected:
  closed_house_test() : api_world([](config::config& c) { c.auth.anonymous = false; }) {}
};

TEST_F(closed_house_test, where_anonymous_clients_are_not_let_in_nothing_is_told_over_http) {
  for (const auto* target :
       {"/api/v1/bars?symbol=A&interval=1m", "/api/v1/quote?symbol=A", "/api/v1/instruments", "/udf/config",
        "/udf/history?symbol=A&resolution=1&from=0&to=1"})
    EXPECT_EQ(get(target).status(), 401u) << target;
}

}  // namespace
}  // namespace tickcast::tests
