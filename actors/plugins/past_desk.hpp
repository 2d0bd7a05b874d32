#pragma once
#include <functional>
#include <memory>

#include "plugins/runner/message.hpp"

namespace tickcast::actors {

/// Who reads the past for plugins.
class past_desk {
public:
  using taker = std::function<void(std::shared_ptr<const plugins::past_answer>)>;

  /// Answers once, on any thread; whatever went wrong is in the answer. Any thread; never waits.
  virtual void read(const plugins::past_request& what, taker done) = 0;

protected:
  ~past_desk() = default;
};

}  // namespace tickcast::actors
