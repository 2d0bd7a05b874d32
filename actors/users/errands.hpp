#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "protocol/codes.hpp"
#include "protocol/error.hpp"
#include "protocol/service_command.hpp"

/// What travels with a message whose sender waits: it is answered once, also when the message is lost.
namespace tickcast::actors {

/// Why something was not done.
struct rejection {
  protocol::error_code code = protocol::error_code::internal;
  std::string message;
};

/// The one answer of an errand; `T` when it was done. Unanswered at its end it says that a part of the server
/// is being restarted, which is temporary. Any thread.
template <class T>
class errand {
public:
  using result = tl::expected<T, rejection>;
  /// Called once, on any thread; must not block.
  using taker = std::function<void(result)>;

  explicit errand(taker to) : to_(std::move(to)) {}
  errand(const errand&) = delete;
  errand& operator=(const errand&) = delete;
  ~errand() {
    reject(protocol::error_code::internal,
           "a part of the server was just being restarted: it may have been done, try again");
  }

  void answer(T value) { go(std::move(value)); }
  void reject(protocol::error_code code, std::string why) {
    go(tl::unexpected(rejection{code, std::move(why)}));
  }

private:
  void go(result&& with) {
    if (!gone_.exchange(true) && to_) to_(std::move(with));
  }

  taker to_;
  std::atomic<bool> gone_{false};
};

/// Where a message stands in its topic.
struct published {
  std::string topic;
  std::string epoch;
  std::uint64_t seq = 0;
};
class publish_errand : public errand<published> {
  using errand::errand;
};

/// A command of a backend; answered with JSON text.
class service_errand : public errand<std::string> {
public:
  service_errand(protocol::service_command command, taker to)
      : errand(std::move(to)), what(std::move(command)) {}
  const protocol::service_command what;
};

/// How a call ended: a backend's data or its own refusal.
struct call_result {
  std::string data;          ///< compact JSON; of a refusal it may be empty
  std::uint32_t code = 0;    ///< 0: answered
  std::string message = {};  ///< of a refusal
};
class call_errand : public errand<call_result> {
  using errand::errand;
};

}  // namespace tickcast::actors
