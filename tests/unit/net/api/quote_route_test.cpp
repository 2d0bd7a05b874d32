#include "api_world.hpp"

#include "actors/topics/quote_desk.hpp"

namespace tickcast::tests {
namespace {

using namespace std::chrono_literals;

class quote_route_test : public api_world {
protected:
  quote_route_test() : from(feed("f")) {}
  void quote(const std::string& symbol, std::int64_t second, const std::string& bid, const std::string& ask) {
    protocol::quote made;
    made.time_ns = second * 1'000'000'000;
    made.bid = protocol::decimal::parse(bid).value();
    made.ask = protocol::decimal::parse(ask).value();
    made.bid_size = made.ask_size = "1"_d;
    from.on_quote(symbol, std::move(made), {});
    from.flush();
    settle();
  }
  actors::feed_port& from;
};

TEST_F(quote_route_test, tells_last_trade_best_prices_day_and_feed) {
  trade(from, "A", 1, "10.5", "2");
  trade(from, "A", 2, "11", "0.5", 77);
  quote("A", 3, "10.9", "11.1");
  const auto got = data("/api/v1/quote?symbol=A");
  EXPECT_EQ(got["trade"],
            json({{"time", 2'000'000}, {"price", 11}, {"size", 0.5}, {"side", "buy"}, {"id", 77}}));
  EXPECT_EQ(got["quote"],
            json({{"time", 3'000'000}, {"bid", 10.9}, {"bid_size", 1}, {"ask", 11.1}, {"ask_size", 1}}));
  EXPECT_EQ(got["day"], json({{"open", 10.5}, {"high", 11}, {"low", 10.5}, {"volume", 2.5}, {"trades", 2}}));
  EXPECT_EQ(got["feed"], json({{"name", "f"}, {"state", "live"}, {"simulated", false}}));
}

TEST_F(quote_route_test, follows_what_happens_from_every_shard) {
  trade(from, "A", 1, "10");
  for (std::size_t shard : {0, 1})
    EXPECT_EQ(get("/api/v1/quote?symbol=A", {}, {}, shard).data()["trade"]["price"], 10);
  trade(from, "A", 2, "12");
  quote("A", 3, "11", "13");
  for (std::size_t shard : {0, 1}) {
    const auto got = get("/api/v1/quote?symbol=A", {}, {}, shard).data();
    EXPECT_EQ(got["trade"]["price"], 12);
    EXPECT_EQ(got["quote"]["bid"], 11);
  }
}

TEST_F(quote_route_test, a_trade_that_is_cancelled_is_not_the_last_any_more) {
  trade(from, "A", 1, "10", "1", 1);
  trade(from, "A", 2, "99", "1", 2);
  EXPECT_EQ(data("/api/v1/quote?symbol=A")["trade"]["price"], 99);
  protocol::trade_amendment cancel;
  cancel.id.is = protocol::trade_id::kind::number;
  cancel.id.number = 2;
  cancel.time_ns = 2'000'000'000;
  cancel.cancels = true;
  from.on_amendment("A", std::move(cancel), {});
  from.flush();
  settle();
  const auto got = data("/api/v1/quote?symbol=A");
  EXPECT_EQ(got["trade"]["price"], 10);
  EXPECT_EQ(got["day"]["high"], 10);
}

TEST_F(quote_route_test, what_has_not_come_yet_is_null) {
  quote("Q", 1, "5", "6");
  const auto got = data("/api/v1/quote?symbol=Q");
  EXPECT_EQ(got["trade"], nullptr);
  EXPECT_EQ(got["day"], nullptr);
  EXPECT_EQ(got["quote"]["ask"], 6);
}

TEST_F(quote_route_test, the_same_answer_is_given_until_something_changes) {
  trade(from, "A", 1, "10");
  const auto first = get("/api/v1/quote?symbol=A");
  EXPECT_EQ(get("/api/v1/quote?symbol=A").content->body, first.content->body) << "encoded once";
  engine_->feeds.set_state(*engine_->feeds.all()[0], protocol::feed_state::stale);
  EXPECT_EQ(data("/api/v1/quote?symbol=A")["feed"]["state"], "stale");
  EXPECT_NE(get("/api/v1/quote?symbol=A").content->etag, first.content->etag);
}

TEST_F(quote_route_test, speaks_message_pack) {
  trade(from, "A", 1, "10.25");
  const auto packed = get("/api/v1/quote?symbol=A&format=msgpack");
  EXPECT_EQ(json::from_msgpack(packed.body()), data("/api/v1/quote?symbol=A"));
}

TEST_F(quote_route_test, unknown_symbols_are_404_and_leave_nothing_behind) {
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(get("/api/v1/quote?symbol=NONE" + std::to_string(i)).status(), 404u);
  EXPECT_EQ(rooms_[0]->window().size(), 0u);
  EXPECT_EQ(engine_->symbols.all().size(), 0u);
  for (const auto& room : rooms_) EXPECT_EQ(room->dispatches().waiting.load(), 0u);
}

TEST_F(quote_route_test, a_symbol_nobody_asks_for_any_longer_is_let_go) {
  trade(from, "A", 1, "10");
  get("/api/v1/quote?symbol=A");
  EXPECT_EQ(rooms_[0]->window().size(), 1u);
  advance(6s);
  get("/api/v1/quote?symbol=A");
  advance(6s);
  EXPECT_EQ(rooms_[0]->window().size(), 1u) << "asked for 6 s ago";
  advance(actors::quote_desk::keep_time);
  EXPECT_EQ(rooms_[0]->window().size(), 0u);
  trade(from, "A", 2, "12");
  EXPECT_EQ(data("/api/v1/quote?symbol=A")["trade"]["price"], 12) << "and listened to again";
}

TEST_F(quote_route_test, goes_on_after_the_dispatcher_was_restarted) {
  trade(from, "A", 1, "10");
  get("/api/v1/quote?symbol=A");
  restart_dispatcher(engine_->symbols.find("A")->shard);
  advance(100ms);
  trade(from, "A", 2, "12");
  EXPECT_EQ(data("/api/v1/quote?symbol=A")["trade"]["price"], 12);
}

TEST_F(quote_route_test, while_its_desk_is_restarted_it_says_so_and_then_works_again) {
  trade(from, "A", 1, "10");
  get("/api/v1/quote?symbol=A");
  actors::end(desks_[0], caf::exit_reason::unhandled_exception);
  settle();
  EXPECT_EQ(get("/api/v1/quote?symbol=A").status(), 503u);
  EXPECT_EQ(get("/api/v1/quote?symbol=A", {}, {}, 1).status(), 200u) << "the other shard's goes on";
  desks_[0] = rooms_[0]->start_quote_desk();
  settle();
  EXPECT_EQ(get("/api/v1/quote?symbol=A").status(), 200u);
}

}  // namespace
}  // namespace tickcast::tests
