#pragma once
// The one place that knows which CAF this is. A port to CAF 1.x begins and, as far as can be, ends here.
#include <caf/all.hpp>
#include <utility>

#if CAF_VERSION < 1700 || CAF_VERSION >= 1800
#error "written for CAF 0.17"
#endif

/// Declares a struct as a message that stays inside the process. Use in the global namespace.
#define TICKCAST_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)

namespace tickcast::actors {

/// Sends without a sender: nobody is answered. From any thread.
template <class Handle, class Message>
void tell(const Handle& to, Message&& message) {
  if (to) caf::anon_send(to, std::forward<Message>(message));
}

/// Asks an actor to end; overtakes the messages that wait in its mailbox.
template <class Handle>
void end(const Handle& who, caf::exit_reason why = caf::exit_reason::user_shutdown) {
  if (who)
    caf::anon_send<caf::message_priority::high>(caf::actor_cast<caf::actor>(who),
                                                caf::exit_msg{who.address(), caf::make_error(why)});
}

}  // namespace tickcast::actors
