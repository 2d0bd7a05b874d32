#pragma once
#include <cstdint>
#include <string>

#include "actors/topics/engine.hpp"

namespace tickcast::actors {

/// How somebody who keeps a feed says how it is: on the board, and at each change, with the reason, as topic
/// `feed.<name>`. What was said last stands in the feed's entry and outlives the actor. Thread: the actor's.
class feed_voice {
public:
  feed_voice(engine& parts, feed_entry& of) : engine_(parts), entry_(of) {}

  /// `steady_ns`, `wall_ns`: now, by those clocks.
  void say(protocol::feed_state state, std::string reason, std::int64_t steady_ns, std::int64_t wall_ns);
  /// Lets go of the actors it knows, for an actor's on_exit.
  void end() { lines_ = {}; }

private:
  void tell_topic();

  engine& engine_;
  feed_entry& entry_;
  switchboard::lines lines_;
};

}  // namespace tickcast::actors
