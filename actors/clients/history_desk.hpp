#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "access/rules.hpp"
#include "protocol/client_message.hpp"

namespace tickcast::actors {

/// Who reads the past for connections.
class history_desk {
public:
  /// Gets the reply or error frame, once; on any thread.
  using taker = std::function<void(protocol::frame_ptr)>;

  /// Answers the command, whose topic has passed the grammar, in the form that the rules grant and in this
  /// encoding. Any thread; never waits.
  virtual void answer(std::uint64_t id, const protocol::history_command& what, const access::topic_form& form,
                      protocol::encoding as, taker done) = 0;

protected:
  ~history_desk() = default;
};

}  // namespace tickcast::actors
