#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace tickcast::feeds {

/// The egress's figures; outlive its actor. One thread writes, any reads.
struct egress_counters {
  std::atomic<std::uint64_t> messages{0};
  std::atomic<std::uint64_t> bytes{0};  ///< both frames, a message once, however many subscribers get it
  std::atomic<std::uint64_t> snapshots{0};
  std::atomic<std::uint64_t> topics{0};         ///< listened to
  std::atomic<std::uint64_t> subscriptions{0};  ///< different prefixes that somebody subscribes to
  std::atomic<std::uint64_t> refused{0};        ///< subscriptions beyond the bounds
  std::atomic<std::uint64_t> full{0};           ///< messages that found a subscriber's queue full
  std::atomic<std::uint64_t> drops{0};   ///< messages that a subscriber that was behind may have missed
  std::atomic<std::uint64_t> behind{0};  ///< 1 while a subscriber is behind
};

/// Where the egress puts its messages, and from where it learns who wants which. Outlives the egress's actor,
/// and with it the subscribers' connections. All on the egress's thread.
class egress_outlet {
public:
  using prefix_set = std::set<std::string, std::less<>>;
  /// A subscription as the subscriber sent it: the first bytes of topic frames.
  struct change {
    bool subscribes;  ///< false: the last subscriber of exactly this prefix is gone
    std::string prefix;
  };

  virtual ~egress_outlet() = default;
  /// Has `what` called when changes wait; empty: nobody asks for them now.
  virtual void on_changes(std::function<void()> what) = 0;
  /// The next change that nobody has taken. One that subscribes also comes when somebody has that prefix.
  virtual std::optional<change> next_change() = 0;
  /// What was subscribed to by the changes taken so far, whoever took them.
  virtual const prefix_set& prefixes() const = 0;
  /// Hands one message of two frames over; does not wait for anybody.
  virtual void send(std::string_view topic_frame, std::string&& body) = 0;
  /// Looks whether subscribers that were behind have caught up; about once a second.
  virtual void look() = 0;
};

}  // namespace tickcast::feeds
