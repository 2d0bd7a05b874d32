#pragma once
#include <cstdint>
#include <string>

#include "actors/actors.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/topics/engine.hpp"
#include "feeds/feed_clock.hpp"
#include "feeds/feed_thread.hpp"

namespace tickcast::feeds {

/// Keeps one feed: runs its source on the feed's thread and says how it is (see actors.hpp).
///
/// The state of the feed, on the board and as topic `feed.<name>`:
///
///   none        nothing was ever heard from it
///   live        ticks come
///   stale       nothing for longer than stale_ms
///   gap         feed_seq left a hole, or ticks met a receiver that was being restarted, in the last five
///   seconds restarting  the source failed; the supervisor starts it again, with back-off down        it was
///   stopped, or its recording has ended
///
/// When the source fails the actor ends with an error, which its supervisor answers. When it is told to end
/// it stops the source, waits for the thread's last word without blocking, and ends. On the workers.
class feed final : public actors::observed<actors::feed_actor::base> {
public:
  static constexpr std::chrono::milliseconds look_every{250};
  static constexpr std::int64_t gap_shown_ns = 5'000'000'000;

  /// `what`, `entry` and `clock` outlive the actor.
  feed(caf::actor_config& cfg, actors::engine& parts, feed_thread& what, actors::feed_entry& entry,
       const feed_clock& clock);

  const char* name() const override { return "feed"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  void start_source();
  void source_ended(const actors::feed_ended& last_word);
  void told_to_end(caf::error reason);
  void look();
  protocol::feed_state judge();
  void set(protocol::feed_state state);
  void publish(protocol::feed_state state);

  actors::engine& engine_;
  feed_thread& thread_;
  actors::feed_entry& entry_;
  const feed_clock& clock_;
  actors::switchboard::lines lines_;
  bool running_ = false;
  bool stopping_ = false;
  caf::error stop_reason_;
  std::int64_t started_ns_ = 0;
  std::uint64_t holes_seen_;
  std::int64_t gap_until_ns_ = 0;
  protocol::feed_state published_ = protocol::feed_state::none;
};

}  // namespace tickcast::feeds
