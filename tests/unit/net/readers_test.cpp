#include "net/readers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <stdexcept>
#include <thread>

#include "net/admin/prometheus_text.hpp"
#include "net/shared_reads.hpp"

namespace tickcast::net {
namespace {

using namespace std::chrono_literals;

std::string metrics_of(const readers& which) {
  return admin::prometheus_text({[&](actors::metric_writer& to) { which.read_metrics(to); }});
}

http_content_ptr text(std::string_view body) {
  auto made = std::make_shared<http_content>();
  made->body = protocol::make_frame(body, protocol::encoding::json);
  return made;
}

/// Whoever asked, and what came.
struct asker {
  std::latch done{1};
  http_content_ptr got;
  http_reply reply() {
    return http_reply([this](http_content_ptr content) {
      got = std::move(content);
      done.count_down();
    });
  }
  std::string body() {
    done.wait();
    return std::string(got->body->payload());
  }
};

TEST(readers_test, run_jobs_on_threads_of_their_own) {
  readers pool(2, 10);
  std::latch done(3);
  std::atomic<bool> here{false};
  const auto me = std::this_thread::get_id();
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(pool.hand([&] {
      if (std::this_thread::get_id() == me) here = true;
      done.count_down();
    }));
  done.wait();
  EXPECT_FALSE(here);
  EXPECT_EQ(pool.stop(5s), 0u);
}

TEST(readers_test, refuse_what_their_queue_does_not_hold) {
  readers pool(1, 2);
  std::latch began(1), release(1);
  ASSERT_TRUE(pool.hand([&] {
    began.count_down();
    release.wait();
  }));
  began.wait();
  EXPECT_TRUE(pool.hand([] {}));
  EXPECT_TRUE(pool.hand([] {}));
  EXPECT_FALSE(pool.hand([] {}));
  EXPECT_NE(metrics_of(pool).find("tickcast_reads_refused_total 1\n"), std::string::npos);
  EXPECT_NE(metrics_of(pool).find("tickcast_reads_waiting 2\n"), std::string::npos);
  release.count_down();
  EXPECT_EQ(pool.stop(5s), 0u);
  EXPECT_FALSE(pool.hand([] {})) << "stopped";
}

TEST(readers_test, go_on_after_a_job_that_throws) {
  readers pool(1, 10);
  std::latch done(1);
  pool.hand([] { throw std::runtime_error("a bug"); });
  pool.hand([&] { done.count_down(); });
  done.wait();
  EXPECT_EQ(pool.stop(5s), 0u);
  EXPECT_NE(metrics_of(pool).find("tickcast_reads_failed_total 1\n"), std::string::npos);
}

TEST(readers_test, leave_a_thread_behind_that_does_not_come_back) {
  // Shared, because the thread outlives the pool.
  const auto began = std::make_shared<std::latch>(1);
  const auto release = std::make_shared<std::latch>(1);
  const auto over = std::make_shared<std::latch>(1);
  {
    readers pool(1, 10);
    pool.hand([=] {
      began->count_down();
      release->wait();
      over->count_down();
    });
    began->wait();
    EXPECT_EQ(pool.stop(20ms), 1u);
  }
  release->count_down();
  over->wait();
}

TEST(shared_reads_test, those_who_ask_the_same_share_one_read) {
  readers pool(1, 10);
  shared_reads reads(pool);
  asker first, second, other;
  const auto read = reads.begin("bars BTCUSDT", first.reply());
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(reads.begin("bars BTCUSDT", second.reply()), nullptr);
  const auto another = reads.begin("bars ETHUSDT", other.reply());
  ASSERT_NE(another, nullptr);
  std::atomic<int> times{0};
  reads.run(read, [&] {
    ++times;
    return text("btc");
  });
  reads.run(another, [] { return text("eth"); });
  EXPECT_EQ(first.body(), "btc");
  EXPECT_EQ(second.body(), "btc");
  EXPECT_EQ(second.got, first.got) << "the same bytes, not a copy";
  EXPECT_EQ(other.body(), "eth");
  EXPECT_EQ(times, 1);

  asker later;
  EXPECT_NE(reads.begin("bars BTCUSDT", later.reply()), nullptr) << "the first read is over";
  pool.stop(5s);
}

TEST(shared_reads_test, a_read_that_is_given_up_tells_all_who_wait) {
  readers pool(1, 10);
  shared_reads reads(pool);
  asker first, second;
  auto read = reads.begin("x", first.reply());
  reads.begin("x", second.reply());
  read.reset();
  first.done.wait();
  second.done.wait();
  EXPECT_EQ(first.got->status, 503u);
  EXPECT_EQ(second.got->status, 503u);
}

TEST(shared_reads_test, a_full_queue_is_a_503_with_retry_after_and_a_bug_a_500) {
  readers pool(1, 1);
  shared_reads reads(pool);
  std::latch began(1), release(1);
  pool.hand([&] {
    began.count_down();
    release.wait();
  });
  began.wait();
  asker bug, refused;
  reads.run(reads.begin("a", bug.reply()), []() -> http_content_ptr { throw std::runtime_error("secret"); });
  reads.run(reads.begin("b", refused.reply()), [] { return text("never"); });
  refused.done.wait();
  EXPECT_EQ(refused.got->status, 503u);
  EXPECT_EQ(refused.got->headers.back(), (std::pair<std::string, std::string>("Retry-After", "1")));
  EXPECT_NE(refused.body().find("http.waiting"), std::string::npos);
  release.count_down();
  EXPECT_EQ(bug.body().find("secret"), std::string::npos);
  EXPECT_EQ(bug.got->status, 500u);
  pool.stop(5s);
}

TEST(shared_reads_test, what_waits_when_the_readers_stop_is_answered) {
  asker waiting;
  readers pool(1, 10);
  shared_reads reads(pool);
  std::latch began(1), release(1);
  pool.hand([&] {
    began.count_down();
    release.wait();
  });
  began.wait();
  reads.run(reads.begin("x", waiting.reply()), [] { return text("never"); });
  std::thread stopping([&] { pool.stop(5s); });
  release.count_down();
  stopping.join();
  waiting.done.wait();
  EXPECT_TRUE(waiting.got->status == 503u || waiting.body() == "never");
}

TEST(http_content_test, is_compressed_when_that_is_wanted_and_worth_it) {
  const std::string large(3000, 'x');
  const auto plain = make_content(protocol::begin_frame() + large, {});
  EXPECT_FALSE(plain->gzip);
  EXPECT_EQ(plain->body->payload(), large);
  const auto small = make_content(protocol::begin_frame() + large, {.gzip = true});
  EXPECT_TRUE(small->gzip);
  EXPECT_LT(small->body->payload().size(), 200u);
  EXPECT_NE(small->etag, plain->etag) << "another variant, another tag";
  EXPECT_FALSE(make_content(protocol::begin_frame() + "short", {.gzip = true})->gzip);
  EXPECT_EQ(make_content(protocol::begin_frame() + large, {})->etag, plain->etag);
}

}  // namespace
}  // namespace tickcast::net
