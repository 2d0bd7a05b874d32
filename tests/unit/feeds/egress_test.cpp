#include "feeds/egress.hpp"

#include <deque>

#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

using namespace std::chrono_literals;

/// An outlet without sockets: subscriptions are put in, messages are kept.
class recording_outlet final : public feeds::egress_outlet {
public:
  void subscribe(const std::string& prefix) {
    waiting_.push_back({true, prefix});
    tell();
  }
  void unsubscribe(const std::string& prefix) {
    waiting_.push_back({false, prefix});
    tell();
  }

  void on_changes(std::function<void()> what) override { tell_ = std::move(what); }
  std::optional<change> next_change() override {
    if (waiting_.empty()) return std::nullopt;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.subscribes)
      prefixes_.insert(next.prefix);
    else
      prefixes_.erase(next.prefix);
    return next;
  }
  const prefix_set& prefixes() const override { return prefixes_; }
  void send(std::string_view topic_frame, std::string&& body) override {
    if (fails) throw std::runtime_error("a bug");
    sent.emplace_back(topic_frame, json::from_msgpack(body));
  }
  void look() override {}

  std::vector<json> of(const std::string& topic, const std::string& type) const {
    std::vector<json> result;
    for (const auto& [frame, body] : sent)
      if (frame == topic + " " && body["type"] == type) result.push_back(body);
    return result;
  }
  std::vector<std::uint64_t> seqs(const std::string& topic) const {
    std::vector<std::uint64_t> result;
    for (const auto& each : of(topic, "update")) result.push_back(each["seq"]);
    return result;
  }

  std::vector<std::pair<std::string, json>> sent;
  bool fails = false;

private:
  void tell() {
    const auto what = tell_;
    if (what) what();
  }

  std::deque<change> waiting_;
  prefix_set prefixes_;
  std::function<void()> tell_;
};

class egress : public world {
protected:
  egress() { start(); }
  ~egress() override { stop(caf::exit_reason::user_shutdown); }

  void start() {
    handle_ =
        actors::spawn_on<feeds::egress>(*hosts_[1], std::ref(*engine_), std::ref(out_), std::ref(counters_));
    engine_->routes.set_post(engine_->routes.egress_post(), handle_);
    settle();
  }
  void stop(caf::exit_reason why) {
    actors::end(handle_, why);
    handle_ = nullptr;
    engine_->routes.set_post(engine_->routes.egress_post(), {});
    settle();
  }
  void subscribe(const std::string& prefix) {
    out_.subscribe(prefix);
    settle();
    advance(20ms);
  }
  void unsubscribe(const std::string& prefix) {
    out_.unsubscribe(prefix);
    settle();
    advance(20ms);
  }
  void event(actors::feed_port& from, const std::string& topic) {
    from.on_event(topic, R"({"x":1})", {});
    from.flush();
    settle();
  }

  recording_outlet out_;
  feeds::egress_counters counters_;
  actors::listener_actor handle_;
};

TEST_F(egress, gives_the_snapshot_then_every_update) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  trade(port, "BTC", 2, "2");
  subscribe("trade.BTC ");
  trade(port, "BTC", 3, "3.5");
  ASSERT_EQ(out_.sent.size(), 2U);
  const auto& snapshot = out_.sent[0].second;
  EXPECT_EQ(snapshot["type"], "snapshot");
  EXPECT_EQ(snapshot["seq"], 2);
  EXPECT_EQ(snapshot["data"]["trades"].size(), 2U);
  EXPECT_EQ(snapshot["data"]["feed"]["state"], "live");
  const auto& update = out_.sent[1].second;
  EXPECT_EQ(out_.sent[1].first, "trade.BTC ");
  EXPECT_EQ(update["type"], "update");
  EXPECT_EQ(update["seq"], 3);
  EXPECT_EQ(update["epoch"], snapshot["epoch"]);
  EXPECT_EQ(update["data"]["time"], 3'000'000'000);
  EXPECT_EQ(port.entry().in_flight.load(), 0U) << "the credit is back";
}

TEST_F(egress, that_nobody_subscribes_to_hears_and_sends_nothing) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  event(port, "monitor.cpu");
  EXPECT_TRUE(out_.sent.empty());
  EXPECT_EQ(counters_.topics.load(), 0U);
}

TEST_F(egress, takes_a_prefix_for_what_exists_and_what_comes_later) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  subscribe("trade.B");
  trade(port, "BTC", 2, "2");
  trade(port, "BNB", 1, "1");
  trade(port, "BNB", 2, "1");
  trade(port, "ETH", 1, "1");
  EXPECT_EQ(out_.of("trade.BTC", "snapshot").size(), 1U);
  EXPECT_EQ(out_.seqs("trade.BTC"), std::vector<std::uint64_t>{2});
  ASSERT_EQ(out_.of("trade.BNB", "snapshot").size(), 1U);
  EXPECT_EQ(out_.seqs("trade.BNB"), std::vector<std::uint64_t>{2});
  EXPECT_EQ(counters_.topics.load(), 2U);
}

TEST_F(egress, waits_for_a_topic_that_nobody_has_written) {
  auto& port = feed("sub");
  subscribe("trade.NEW ");
  subscribe("monitor.new ");
  EXPECT_TRUE(out_.sent.empty());
  trade(port, "NEW", 1, "1");
  event(port, "monitor.new");
  EXPECT_EQ(out_.seqs("trade.NEW"), std::vector<std::uint64_t>{1});
  EXPECT_EQ(out_.seqs("monitor.new"), std::vector<std::uint64_t>{1});
  EXPECT_NE(out_.of("trade.NEW", "update")[0]["epoch"], "");
}

TEST_F(egress, gives_each_new_subscriber_a_snapshot_of_now) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  subscribe("trade.BTC ");
  trade(port, "BTC", 2, "2");
  subscribe("trade.BTC ");
  subscribe("trade.");
  const auto snapshots = out_.of("trade.BTC", "snapshot");
  ASSERT_EQ(snapshots.size(), 3U);
  EXPECT_EQ(snapshots[1]["seq"], 2);
  EXPECT_EQ(snapshots[2]["data"]["trades"].size(), 2U);
}

TEST_F(egress, makes_one_snapshot_of_many_subscriptions_at_once) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  subscribe("trade.");
  for (int i = 0; i < 1000; ++i) out_.subscribe("trade.");
  settle();
  advance(20ms);
  EXPECT_EQ(out_.of("trade.BTC", "snapshot").size(), 2U);
}

TEST_F(egress, stops_listening_when_nobody_wants_a_topic_any_longer) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  subscribe("trade.BTC ");
  subscribe("trade.");
  unsubscribe("trade.");
  trade(port, "BTC", 2, "1");
  EXPECT_EQ(out_.seqs("trade.BTC"), std::vector<std::uint64_t>{2}) << "one subscription is left";
  unsubscribe("trade.BTC ");
  trade(port, "BTC", 3, "1");
  trade(port, "NEW", 1, "1");
  EXPECT_EQ(out_.seqs("trade.BTC"), std::vector<std::uint64_t>{2});
  EXPECT_EQ(counters_.topics.load(), 0U);
}

TEST_F(egress, leaves_out_what_is_no_topic) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  for (const auto* prefix : {"no topic ", " ", "x ", "trade.BTC more", "*"}) subscribe(prefix);
  EXPECT_TRUE(out_.sent.empty());
}

TEST_F(egress, takes_more_prefixes_than_it_watches_for_one_by_one) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  for (std::size_t i = 0; i < feeds::egress::most_watched; ++i) out_.subscribe("p" + std::to_string(i));
  settle();
  subscribe("trade.B");
  subscribe("quote.");
  advance(1s);
  trade(port, "BTC", 2, "1");
  trade(port, "BNB", 1, "1");
  EXPECT_EQ(out_.of("trade.BTC", "snapshot").size(), 1U);
  EXPECT_EQ(out_.seqs("trade.BTC"), std::vector<std::uint64_t>{2});
  EXPECT_EQ(out_.sent.back().first, "trade.BNB ");
  const auto subscribed = out_.prefixes();
  for (const auto& prefix : subscribed) out_.unsubscribe(prefix);
  settle();
  advance(20ms);
  out_.sent.clear();
  trade(port, "BAT", 1, "1");
  EXPECT_TRUE(out_.sent.empty());
  EXPECT_EQ(counters_.topics.load(), 0U);
}

TEST_F(egress, asks_for_very_many_topics_one_after_the_other) {
  auto& port = feed("sub");
  for (int i = 0; i < 1000; ++i)
    port.on_trade("S" + std::to_string(i), make_trade(1, "1", "1", 10'000U + static_cast<unsigned>(i)), {});
  port.flush();
  settle();
  subscribe("trade.");
  settle();
  EXPECT_EQ(counters_.snapshots.load(), 1000U);
}

TEST_F(egress, whose_actor_is_restarted_goes_on_with_the_same_subscribers) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  trade(port, "OTHER", 1, "1");
  subscribe("trade.OTHER ");
  subscribe("trade.B");
  stop(caf::exit_reason::unhandled_exception);
  out_.sent.clear();
  trade(port, "BTC", 2, "1");
  EXPECT_TRUE(out_.sent.empty());
  out_.subscribe("quote.BTC ");
  start();
  advance(20ms);
  ASSERT_EQ(out_.of("trade.BTC", "snapshot").size(), 1U) << "the missed update shows in the seq";
  EXPECT_EQ(out_.of("trade.BTC", "snapshot")[0]["seq"], 2);
  trade(port, "BTC", 3, "1");
  trade(port, "OTHER", 2, "1");
  trade(port, "BNB", 1, "1");
  EXPECT_EQ(out_.seqs("trade.BTC"), std::vector<std::uint64_t>{3});
  EXPECT_EQ(out_.seqs("trade.OTHER"), std::vector<std::uint64_t>{2});
  EXPECT_EQ(out_.of("trade.BNB", "snapshot").size() + out_.of("trade.BNB", "update").size(), 1U);
}

TEST_F(egress, that_throws_ends_alone_and_gives_the_credit_back) {
  auto& port = feed("sub");
  auto& client = join(0, {"trade.BTC"});
  subscribe("trade.BTC ");
  out_.fails = true;
  trade(port, "BTC", 1, "1");
  out_.fails = false;
  EXPECT_EQ(client.seqs("trade.BTC"), std::vector<std::uint64_t>{1});
  EXPECT_EQ(port.entry().in_flight.load(), 0U);
  trade(port, "BTC", 2, "1");
  EXPECT_TRUE(out_.sent.empty());
  start();
  advance(20ms);
  EXPECT_EQ(out_.of("trade.BTC", "snapshot").back()["seq"], 2);
}

TEST_F(egress, listens_again_when_a_dispatcher_was_restarted_and_tells_what_was_missed) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  subscribe("trade.");
  restart_dispatcher(0);
  restart_dispatcher(1);
  trade(port, "BTC", 2, "2");
  advance(100ms);
  trade(port, "BTC", 3, "3");
  trade(port, "NEW", 1, "1");
  const auto snapshots = out_.of("trade.BTC", "snapshot");
  ASSERT_EQ(snapshots.size(), 2U);
  EXPECT_EQ(snapshots[1]["seq"], 2);
  EXPECT_EQ(out_.seqs("trade.BTC"), std::vector<std::uint64_t>{3});
  EXPECT_FALSE(out_.of("trade.NEW", "snapshot").empty());
}

TEST_F(egress, sees_a_quarantine) {
  auto& port = feed("sub");
  engine_->fault = [](const actors::symbol&, const protocol::trade& trade) {
    if (trade.price == "666"_d) throw std::runtime_error("a bug");
  };
  trade(port, "BAD", 1, "1");
  subscribe("trade.BAD ");
  for (int i = 0; i < 6; ++i) trade(port, "BAD", 2, "666");
  EXPECT_EQ(out_.of("trade.BAD", "snapshot").back()["data"]["feed"]["state"], "quarantined");
}

}  // namespace
}  // namespace tickcast::tests
