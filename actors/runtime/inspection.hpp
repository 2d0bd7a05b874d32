#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "actors/runtime/caf.hpp"
#include "actors/runtime/description.hpp"
#include "actors/runtime/message_trace.hpp"
#include "actors/runtime/probe.hpp"

/// How the console looks into an actor. Sent to any actor, whatever its interface.
namespace tickcast::actors {

/// Asks for the actor's own state. `answer` is called on the actor's thread, or never when it ends first.
struct describe_actor {
  std::function<void(description&&)> answer;
};
/// Has what reaches the actor from now on recorded; replaces an earlier trace.
struct trace_actor {
  std::shared_ptr<message_trace> to;
};

std::shared_ptr<probe> make_probe(identity who, caf::actor_control_block* of);
message_trace::row row_of(const caf::mailbox_element& element);
std::int64_t wall_us();

}  // namespace tickcast::actors

TICKCAST_MESSAGE(tickcast::actors::describe_actor)
TICKCAST_MESSAGE(tickcast::actors::trace_actor)
