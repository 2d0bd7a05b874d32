#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/runner/message.hpp"

namespace tickcast::plugins {

/// What a plugin can look back at: of each subscribed topic as much as a snapshot of it holds. One thread.
class history {
public:
  static constexpr std::size_t most_trades = 50;
  static constexpr std::size_t most_bars = 500;

  /// Takes a topic's whole history.
  void set(const topic_ref& of, std::uint64_t seq, const topic_history& whole);
  /// Brings a topic up to date. False: the update is part of the history that is here already.
  bool add(const message& update);
  void forget(std::string_view topic);

  std::vector<protocol::trade> trades(std::string_view symbol, std::size_t most) const;
  std::vector<protocol::bar> bars(std::string_view symbol, std::string_view interval, std::size_t most) const;
  std::optional<protocol::quote> quote(std::string_view symbol) const;
  /// JSON text; null without one.
  std::shared_ptr<const std::string> event(std::string_view topic) const;

  bool knows(std::string_view topic) const;
  std::vector<std::string> topics() const;

private:
  struct entry {
    std::uint64_t seq = 0;
    std::deque<protocol::trade> trades;
    std::deque<protocol::bar> bars;
    std::optional<protocol::quote> quote;
    std::shared_ptr<const std::string> event;
  };
  const entry* find(std::string_view topic) const;
  std::map<std::string, entry, std::less<>> entries_;
};

}  // namespace tickcast::plugins
