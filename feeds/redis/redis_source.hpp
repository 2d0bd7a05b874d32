#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actors/topics/feed_board.hpp"
#include "actors/users/service_office.hpp"
#include "config/config.hpp"
#include "feeds/redis/redis_calls.hpp"
#include "feeds/redis/redis_link.hpp"
#include "feeds/redis/redis_queue.hpp"
#include "feeds/source.hpp"

namespace tickcast::feeds {

/// The bridge's loop: lists and channels of Redis in, clients' messages out to backends' lists.
///
/// What channels bring goes to the engine as from PULL. A list's commands go to the service office, and the
/// list hears of their ends. Told to stop, it takes no more and waits a moment for what it has taken, so that
/// nothing is done twice after an orderly end.
///
/// Lives over all runs of its feed; what is worked on when a run ends is finished in the next. Redis being
/// away is no failure of a run: each connection comes back by itself, and the feed is down meanwhile.
class redis_source final : public source {
public:
  /// What is left of the time that a feed has to end.
  static constexpr std::chrono::milliseconds closing_time{1000};

  /// All but `settings` by reference; all outlive it. `queues`: counters, one a list of settings.queues.
  /// Throws feed_error for an address that is none.
  redis_source(const config::redis_section& settings, actors::service_office& office, redis_calls& calls,
               actors::feed_entry& entry, std::vector<redis_queue_counters*> queues);
  ~redis_source() override;

  void open() override {}
  void run(const stop_signal& stop, feed_out& out) override;
  void rest(const stop_signal& stop) override;
  std::string endpoint() const override;

private:
  using clock = redis_link::clock;

  void turn(feed_out* out, int stop_fd, bool fetching);
  bool is_wanted(const redis_link& which, bool fetching) const;
  clock::duration time_to_wait(clock::time_point now, bool fetching) const;
  void work_links(const std::vector<short>& found, clock::time_point now, bool fetching);
  void look_after(clock::time_point now);
  void push_calls();
  void tell_peers();
  bool quiet() const;
  void finish(feed_out& out);
  void close();

  const config::redis_section settings_;
  const access::redis_address where_;
  actors::service_office& office_;
  redis_calls& calls_;
  actors::feed_entry& entry_;
  std::shared_ptr<result_box> results_ = std::make_shared<result_box>();
  redis_link commands_;
  redis_link ears_;
  std::vector<std::unique_ptr<redis_queue>> queues_;
  std::size_t pushing_ = 0;
  clock::time_point expired_{};
  clock::time_point pinged_{};
  std::string told_problem_;
  feed_out* out_ = nullptr;  ///< while it runs
};

}  // namespace tickcast::feeds
