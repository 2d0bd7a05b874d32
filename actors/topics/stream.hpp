#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actors/topics/topic_view.hpp"

namespace tickcast::actors {

/// A fresh epoch name: unlike any other of this and earlier runs (wall clock in µs and a counter, base 36).
std::string make_epoch();

/// Takes updates on their way to the listening posts; the writer's turn collects them (dispatcher, event
/// topic).
class update_sink {
public:
  virtual void deliver(post_index post, std::uint64_t ticket, std::shared_ptr<const update> what) = 0;

protected:
  ~update_sink() = default;
};

/// The writer's side of one topic: its name, its count, and which posts listen in which classes.
class stream {
public:
  explicit stream(std::string topic) : topic_(std::move(topic)) {}

  const std::string& topic() const noexcept { return topic_; }
  std::uint64_t seq() const noexcept { return seq_; }
  bool has_listeners() const noexcept { return classes_ != 0; }

  struct listener {
    post_index post;
    std::uint64_t ticket;
    class_mask classes;
  };
  const std::vector<listener>& listeners() const noexcept { return listeners_; }
  /// Adds, changes or (no classes) removes a post's ticket.
  void set_listener(const listener& who);

  /// The next update, encoded for whoever listens; null when nobody does. Changes nothing. `ahead`: how many
  /// updates have been prepared before it and are not committed yet. `origin`: the connection that gets it
  /// not.
  std::shared_ptr<const update> prepare(topic_change&& change, std::uint16_t feed, std::int64_t taken_ns,
                                        std::uint64_t ahead = 0, std::uint64_t origin = 0) const;
  /// Counts the update, prepared or not.
  void commit() noexcept { ++seq_; }
  /// Goes on from a count that was kept.
  void resume(std::uint64_t seq) noexcept { seq_ = seq; }
  /// Hands a prepared update (or null) to every post that listens.
  void hand_out(const std::shared_ptr<const update>& prepared, update_sink& sink) const {
    if (prepared)
      for (const auto& each : listeners_) sink.deliver(each.post, each.ticket, prepared);
  }

private:
  // What every update touches comes first.
  std::uint64_t seq_ = 0;
  class_mask classes_ = 0;
  std::string topic_;
  std::vector<listener> listeners_;
};

}  // namespace tickcast::actors
