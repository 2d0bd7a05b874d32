#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <typeindex>
#include <utility>
#include <vector>

#include "actors/runtime/caf.hpp"

namespace tickcast::actors {

/// The name of a message's type, without namespaces, and what it says, as far as it was taught to tell.
struct message_text {
  std::string name;
  std::string text;
};
message_text text_of(const caf::type_erased_tuple& message);

/// Teaches text_of what a type says. Before actors run.
void tell_message(std::type_index type, std::function<std::string(const void*)> how);
template <class Message, class How>
void tell_message(How how) {
  tell_message(typeid(Message),
               [how](const void* message) { return how(*static_cast<const Message*>(message)); });
}

/// Records what reaches one actor, for a while: bounded in number and time. The actor's thread adds, the
/// admin thread reads; each waits at most for the other's few instructions.
class message_trace {
public:
  struct row {
    std::uint64_t seq = 0;  ///< among all messages seen
    std::int64_t at_us = 0;
    std::string message{};
    std::string text{};
    std::string from{};  ///< the sender's actor id; empty: unknown
    std::int64_t took_ns = 0;
  };
  struct reading {
    bool over = false;
    bool full = false;
    std::int64_t left_ms = 0;
    std::uint64_t seen = 0;
    std::vector<row> rows;
  };
  using clock = std::chrono::steady_clock;
  static constexpr std::size_t longest_text = 500;

  /// `filter`: part of the message's name or text, in any case; empty: all.
  message_trace(std::size_t most, clock::time_point until, std::string filter);

  /// False: it is full, over, or nobody wants it any more; let go of it.
  bool add(row what);
  void stop();
  reading read() const;

private:
  bool wanted(const row& what) const;

  const std::size_t most_;
  const clock::time_point until_;
  const std::string filter_;
  mutable std::mutex mutex_;
  bool stopped_ = false;
  std::uint64_t seen_ = 0;
  std::vector<row> rows_;
};

}  // namespace tickcast::actors
