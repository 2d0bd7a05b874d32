#include <algorithm>
#include <set>

#include "actors/topics/writers.hpp"
#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {
namespace {

using namespace std::chrono_literals;
using actors::post_index;
using kind = protocol::topic_pattern::kind;

/// What a post was told; outlives the actor.
struct heard {
  std::multiset<std::string> known;
  std::vector<actors::attached> attached;
  std::vector<actors::delivery> updates;

  bool knows(const std::string& name) const { return known.contains(name); }
  std::vector<std::uint64_t> seqs(std::uint64_t ticket) const {
    std::vector<std::uint64_t> result;
    for (const auto& each : updates)
      if (each.ticket == ticket) result.push_back(each.what->seq);
    return result;
  }
};

/// A listening post that writes down what it hears.
class recording_post final : public actors::hosted<actors::listener_actor::base> {
public:
  recording_post(caf::actor_config& cfg, actors::host& where, actors::engine& parts, post_index post,
                 std::shared_ptr<heard> to)
      : hosted(cfg, where, parts.probes, {"post", std::to_string(post), "test", where.name()}),
        post_(post),
        to_(std::move(to)),
        writers_(parts) {}

  void watch(const protocol::topic_pattern& pattern) {
    wishes_.push_back(pattern);
    writers_.send(actors::watch_topics{post_, pattern});
  }
  void unwatch(const protocol::topic_pattern& pattern) {
    std::erase(wishes_, pattern);
    writers_.send(actors::unwatch_topics{post_, pattern});
  }
  void listen(const std::string& topic, std::uint64_t ticket, actors::class_mask classes) {
    writers_.send(actors::listen{topic, post_, ticket, classes});
  }

protected:
  behavior_type make_behavior() override {
    writers_.refresh(*this);
    set_down_handler([this](caf::down_msg& message) {
      writers_.ended(message.source.id());
      look_again();
    });
    return {
        [this](const actors::updates& batch) {
          to_->updates.insert(to_->updates.end(), batch.items->begin(), batch.items->end());
        },
        [this](const actors::attached& where) { to_->attached.push_back(where); },
        [this](const actors::topics_known& topics) {
          to_->known.insert(topics.names->begin(), topics.names->end());
        },
    };
  }
  void on_exit() override { writers_.clear(); }

private:
  void look_again() {
    after(actors::writers::look_again_after, [this, before = writers_.version()] {
      writers_.refresh(*this);
      if (writers_.version() == before) return look_again();
      for (const auto& each : wishes_) writers_.send(actors::watch_topics{post_, each});
    });
  }

  post_index post_;
  std::shared_ptr<heard> to_;
  actors::writers writers_;
  std::vector<protocol::topic_pattern> wishes_;
};

class post : public world {
protected:
  post() {
    const auto at = engine_->routes.plugin_post();
    handle_ = actors::spawn_on<recording_post>(*hosts_[1], std::ref(*engine_), at, heard_);
    engine_->routes.set_post(at, handle_);
    recorder_ = static_cast<recording_post*>(caf::actor_cast<caf::abstract_actor*>(handle_));
    settle();
  }
  ~post() override {
    actors::end(handle_);
    handle_ = nullptr;
    engine_->routes.set_post(engine_->routes.plugin_post(), {});
    settle();
  }
  void event(actors::feed_port& from, const std::string& topic) {
    from.on_event(topic, R"({"x":1})", {});
    from.flush();
    settle();
  }

  std::shared_ptr<heard> heard_ = std::make_shared<heard>();
  actors::listener_actor handle_;
  recording_post* recorder_ = nullptr;
};

TEST_F(post, that_takes_the_value_alone_makes_nobody_encode) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  recorder_->listen("trade.BTC", 7, actors::value_alone);
  settle();
  trade(port, "BTC", 2, "2.5");
  ASSERT_EQ(heard_->attached.size(), 1U);
  EXPECT_EQ(heard_->attached[0].ticket, 7U);
  EXPECT_EQ(heard_->attached[0].seq, 1U);
  EXPECT_EQ(std::get<actors::trade_view>(*heard_->attached[0].view).last.to_vector().size(), 1U);
  ASSERT_EQ(heard_->seqs(7), std::vector<std::uint64_t>{2});
  const auto& update = *heard_->updates[0].what;
  EXPECT_EQ(std::get<actors::trade_change>(update.change).value.price, "2.5"_d);
  for (const auto& frame : update.frames) EXPECT_FALSE(frame);
}

TEST_F(post, hears_the_same_as_the_clients_do_and_leaves_them_alone) {
  auto& port = feed("sub");
  auto& client = join(0, {"trade.BTC", "monitor.cpu"});
  recorder_->listen("trade.BTC", 1, actors::value_alone);
  recorder_->listen("monitor.cpu", 2, actors::value_alone);
  settle();
  for (int i = 1; i <= 3; ++i) trade(port, "BTC", i, "1");
  event(port, "monitor.cpu");
  EXPECT_EQ(heard_->seqs(1), client.seqs("trade.BTC"));
  EXPECT_EQ(heard_->seqs(2), client.seqs("monitor.cpu"));
  recorder_->listen("trade.BTC", 1, 0);
  recorder_->listen("monitor.cpu", 2, 0);
  settle();
  trade(port, "BTC", 4, "1");
  event(port, "monitor.cpu");
  EXPECT_EQ(heard_->updates.size(), 4U);
  EXPECT_EQ(client.seqs("trade.BTC").back(), 4U);
}

TEST_F(post, that_nobody_has_is_no_fault) {
  auto& port = feed("sub");
  engine_->routes.set_post(engine_->routes.plugin_post(), {});
  recorder_->listen("trade.BTC", 1, actors::value_alone);
  settle();
  trade(port, "BTC", 1, "1");
  trade(port, "BTC", 2, "1");
  EXPECT_TRUE(heard_->updates.empty());
  EXPECT_EQ(port.entry().in_flight.load(), 0U);
}

TEST_F(post, watches_what_exists_and_what_comes_to_be) {
  auto& port = feed("sub");
  trade(port, "OLD", 1, "1");
  event(port, "monitor.old");
  recorder_->watch({kind::prefix, ""});
  settle();
  EXPECT_TRUE(heard_->knows("trade.OLD"));
  EXPECT_TRUE(heard_->knows("quote.OLD"));
  EXPECT_TRUE(heard_->knows("bar.1m.OLD"));
  EXPECT_TRUE(heard_->knows("monitor.old"));
  EXPECT_FALSE(heard_->knows("trade.NEW"));
  trade(port, "NEW", 1, "1");
  event(port, "monitor.new");
  EXPECT_TRUE(heard_->knows("trade.NEW"));
  EXPECT_TRUE(heard_->knows("bar.1m.NEW"));
  EXPECT_TRUE(heard_->knows("monitor.new"));
  const auto told = heard_->known.size();
  trade(port, "NEW", 2, "1");
  event(port, "monitor.new");
  EXPECT_EQ(heard_->known.size(), told) << "each topic is told once";
}

TEST_F(post, is_told_of_bars_that_a_feed_brings_by_itself) {
  auto& port = feed("sub");
  trade(port, "BTC", 1, "1");
  recorder_->watch({kind::glob, "bar.4h.*"});
  settle();
  EXPECT_TRUE(heard_->known.empty());
  protocol::bar bar;
  bar.time_ns = 14'400'000'000'000;
  port.on_bar("BTC", "4h", std::move(bar), {});
  port.flush();
  settle();
  EXPECT_EQ(heard_->known, std::multiset<std::string>{"bar.4h.BTC"});
}

TEST_F(post, is_told_only_what_matches_and_once_for_two_patterns) {
  auto& port = feed("sub");
  recorder_->watch({kind::glob, "trade.*"});
  recorder_->watch({kind::prefix, "trade.B"});
  recorder_->watch({kind::prefix, "trade.B"});
  settle();
  trade(port, "BTC", 1, "1");
  trade(port, "ETH", 1, "1");
  EXPECT_EQ(heard_->known, (std::multiset<std::string>{"trade.BTC", "trade.ETH"}));
  recorder_->unwatch({kind::glob, "trade.*"});
  settle();
  trade(port, "BNB", 1, "1");
  trade(port, "XRP", 1, "1");
  EXPECT_TRUE(heard_->knows("trade.BNB"));
  EXPECT_FALSE(heard_->knows("trade.XRP"));
}

TEST_F(post, is_told_of_very_many_topics_in_several_turns) {
  auto& port = feed("sub");
  for (int i = 0; i < 2000; ++i)
    port.on_trade("S" + std::to_string(i), make_trade(1, "1", "1", 10'000U + static_cast<unsigned>(i)), {});
  port.flush();
  settle();
  recorder_->watch({kind::prefix, "trade."});
  settle();
  EXPECT_EQ(heard_->known.size(), 2000U);
}

TEST_F(post, watches_again_when_a_dispatcher_or_the_directory_was_restarted) {
  auto& port = feed("sub");
  recorder_->watch({kind::prefix, ""});
  settle();
  restart_dispatcher(0);
  restart_dispatcher(1);
  actors::end(directory_, caf::exit_reason::unhandled_exception);
  settle();
  directory_ = system_.spawn<actors::directory>(std::ref(*engine_), std::ref(directory_counters_));
  engine_->routes.set_directory(directory_);
  advance(60ms);
  trade(port, "A", 1, "1");
  trade(port, "B", 1, "1");
  trade(port, "C", 1, "1");
  event(port, "monitor.cpu");
  for (const auto* name : {"trade.A", "trade.B", "trade.C", "monitor.cpu"})
    EXPECT_TRUE(heard_->knows(name)) << name;
}

}  // namespace
}  // namespace tickcast::tests
