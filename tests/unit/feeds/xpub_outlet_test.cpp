#include "feeds/xpub_outlet.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <array>
#include <zmq_addon.hpp>

#include "feeds/source.hpp"

namespace tickcast::feeds {
namespace {

using namespace std::chrono_literals;

xpub_options any_port(int hwm = 1000) {
  xpub_options options;
  options.endpoint = "tcp://127.0.0.1:0";
  options.hwm = hwm;
  return options;
}

/// Real sockets over loopback; waits are polls with a deadline.
class xpub_outlet_test : public testing::Test {
protected:
  static constexpr std::chrono::milliseconds patience{5000};

  zmq::socket_t subscriber(const xpub_outlet& of, const std::string& prefix, int hwm = 1000) {
    zmq::socket_t made(context, zmq::socket_type::sub);
    made.set(zmq::sockopt::linger, 0);
    made.set(zmq::sockopt::rcvhwm, hwm);
    made.set(zmq::sockopt::rcvbuf, 4096);
    made.set(zmq::sockopt::rcvtimeo, static_cast<int>(patience.count()));
    made.connect(of.endpoint());
    made.set(zmq::sockopt::subscribe, prefix);
    return made;
  }
  std::optional<egress_outlet::change> change(xpub_outlet& of) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      if (auto next = of.next_change()) return next;
      zmq::pollitem_t item{of.socket(), 0, ZMQ_POLLIN, 0};
      zmq::poll(&item, 1, 100ms);
    }
    return std::nullopt;
  }
  static std::pair<std::string, std::string> receive(zmq::socket_t& from) {
    std::vector<zmq::message_t> frames;
    if (!zmq::recv_multipart(from, std::back_inserter(frames)) || frames.size() != 2) return {};
    return {frames[0].to_string(), frames[1].to_string()};
  }

  zmq::context_t context;
  egress_counters counters;
};

TEST_F(xpub_outlet_test, tells_who_subscribes_and_sends_to_those_alone) {
  xpub_outlet out(context, any_port(), counters);
  auto one = subscriber(out, "trade.BTC ");
  const auto first = change(out);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->subscribes);
  EXPECT_EQ(first->prefix, "trade.BTC ");
  auto two = subscriber(out, "trade.BTC ");
  ASSERT_TRUE(change(out)) << "a second subscriber of the same prefix is told too";
  EXPECT_EQ(out.prefixes().size(), 1U);
  out.send("trade.BTCUSDT ", "no");
  out.send("trade.BTC ", "yes");
  const std::pair<std::string, std::string> expected{"trade.BTC ", "yes"};
  EXPECT_EQ(receive(one), expected);
  EXPECT_EQ(receive(two), expected);
  one.close();
  two.set(zmq::sockopt::unsubscribe, "trade.BTC ");
  const auto gone = change(out);
  ASSERT_TRUE(gone);
  EXPECT_FALSE(gone->subscribes);
  EXPECT_TRUE(out.prefixes().empty());
  EXPECT_EQ(counters.messages.load(), 2U);
}

TEST_F(xpub_outlet_test, counts_every_message_that_a_deaf_subscriber_loses) {
  constexpr int hwm = 100;
  xpub_outlet out(context, any_port(hwm), counters);
  auto good = subscriber(out, "");
  ASSERT_TRUE(change(out));
  auto deaf = subscriber(out, "", 1);
  ASSERT_TRUE(change(out));
  const std::string body(1000, 'x');
  std::uint64_t sent = 0;
  std::uint64_t good_got = 0;
  while (sent < 20'000) {
    // Less than half of the queue: libzmq hears of what was read in halves.
    for (int i = 0; i < hwm / 4; ++i, ++sent) out.send("t ", std::string(body));
    for (; good_got < sent; ++good_got) ASSERT_EQ(receive(good).second.size(), body.size());
    out.look();
  }
  EXPECT_GE(counters.full.load(), 1U);
  EXPECT_EQ(counters.behind.load(), 1U);
  const auto drops = counters.drops.load();
  // It listens again: what it has not got now it has lost.
  deaf.set(zmq::sockopt::rcvtimeo, 300);
  std::uint64_t deaf_got = 0;
  while (!receive(deaf).first.empty()) ++deaf_got;
  EXPECT_GT(sent, deaf_got);
  EXPECT_GE(drops, sent - deaf_got) << "none was lost uncounted";
  EXPECT_LE(drops, sent - deaf_got + hwm) << "nobody else was behind";
  out.look();
  EXPECT_EQ(counters.behind.load(), 0U);
  out.send("t ", "again");
  deaf.set(zmq::sockopt::rcvtimeo, static_cast<int>(patience.count()));
  EXPECT_EQ(receive(deaf).second, "again");
  EXPECT_EQ(counters.drops.load(), drops);
}

TEST_F(xpub_outlet_test, refuses_a_port_that_is_taken_with_a_sentence) {
  xpub_outlet out(context, any_port(), counters);
  auto same = any_port();
  same.endpoint = out.endpoint();
  try {
    xpub_outlet second(context, same, counters);
    FAIL() << "it was bound twice";
  } catch (const feed_error& why) {
    EXPECT_NE(std::string(why.what()).find("egress: cannot bind"), std::string::npos) << why.what();
  }
}

TEST_F(xpub_outlet_test, takes_no_list_of_keys_without_a_gate) {
  auto options = any_port();
  std::array<char, 41> key{};
  std::array<char, 41> secret{};
  ASSERT_EQ(zmq_curve_keypair(key.data(), secret.data()), 0);
  options.curve.secret = secret.data();
  options.curve.allowed = {key.data()};
  EXPECT_THROW(xpub_outlet(context, options, counters), feed_error);
}

}  // namespace
}  // namespace tickcast::feeds
