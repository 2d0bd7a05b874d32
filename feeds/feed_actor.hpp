#pragma once
#include <cstdint>
#include <string>

#include "actors/actors.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/topics/feed_voice.hpp"
#include "analytics/session_hours.hpp"
#include "feeds/feed_clock.hpp"
#include "feeds/feed_thread.hpp"

namespace tickcast::feeds {

/// What a feed's actor is told once.
struct feed_options {
  std::string parent = "root/feeds";  ///< path of the supervisor
  analytics::session_hours hours;     ///< when silence counts
  /// Its market's time is that of its ticks, and passes on between them; else the wall clock's.
  bool in_event_time = false;
};

/// Keeps one feed: runs its source on the feed's thread and says how it is (see actors.hpp).
///
/// The state of the feed, on the board and, told once at each change with its reason, as topic `feed.<name>`:
///
///   none        nothing was ever heard from it
///   live        ticks come; or none are to be expected, outside its session hours
///   stale       nothing for longer than stale_ms, inside its session hours
///   gap         feed_seq left a hole, or ticks met a receiver that was being restarted, in the last five
///               seconds
///   down        no peer where there should be one; or it failed and waits for its supervisor to start it
///               again; or it was stopped or suspended, or its recording has ended
///   restarting  it was started again, and nothing has come yet
///
/// When the source fails the actor ends with an error, which its supervisor answers, with back-off. When it
/// is told to end it stops the source, waits for the thread's last word without blocking, and ends. While it
/// is suspended, which outlives the actor, its thread has the source rest. On the workers.
class feed final : public actors::observed<actors::feed_actor::base> {
public:
  static constexpr std::chrono::milliseconds look_every{250};
  static constexpr std::int64_t gap_shown_ns = 5'000'000'000;
  /// A feed that has just begun may be without its peer, or heard nothing, for so long before that is told.
  static constexpr std::int64_t settling_ns = 1'000'000'000;

  /// `what`, `entry`, `how` and `clock` outlive the actor.
  feed(caf::actor_config& cfg, actors::engine& parts, feed_thread& what, actors::feed_entry& entry,
       const feed_options& how, const feed_clock& clock);

  const char* name() const override { return "feed"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(actors::description& to) override;

private:
  struct verdict {
    protocol::feed_state state;
    std::string reason;
  };
  enum class activity : std::uint8_t { none, runs, rests };

  void begin();
  void start(activity what);
  void source_ended(const actors::feed_ended& last_word);
  void told_to_end(caf::error reason);
  void suspend(const std::string& by);
  void go_on(const std::string& by);
  void look();
  void look_at_hours();
  bool look_for_holes(std::int64_t now_ns);
  verdict judge();
  verdict judge_silence(std::int64_t now_ns, std::int64_t heard_ns) const;
  void set(verdict is);

  actors::feed_voice voice_;
  feed_thread& thread_;
  actors::feed_entry& entry_;
  const feed_options& options_;
  const feed_clock& clock_;
  activity activity_ = activity::none;
  bool turning_ = false;  ///< the thread was told to stop and do the other thing
  bool stopping_ = false;
  caf::error stop_reason_;
  std::int64_t started_ns_ = 0;
  std::uint64_t holes_seen_;
  std::int64_t gap_until_ns_ = 0;
  analytics::session_hours::stretch hours_{true, 0, 0};
};

}  // namespace tickcast::feeds
