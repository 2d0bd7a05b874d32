#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/runner/message.hpp"
#include "protocol/market.hpp"
#include "tickcast/context.hpp"

namespace tickcast::plugins {

/// Everything that leaves a plugin goes through here: to the engine, over a socket, or into a test's hands.
/// What reaches it has been checked and is within the budgets. Thread: the plugin's.
class outlet {
public:
  virtual ~outlet() = default;
  /// Topics' histories, then their updates, are to reach the inbox.
  virtual void subscribe(const std::string& pattern) = 0;
  virtual void unsubscribe(const std::string& pattern) = 0;
  /// The histories of these topics once more.
  virtual void refresh(const std::vector<std::string>& topics) = 0;
  virtual published event(std::string_view topic, std::string&& json_text) = 0;
  virtual published trade(std::string_view symbol, const protocol::trade& value) = 0;
  virtual published quote(std::string_view symbol, const protocol::quote& value) = 0;
  virtual published bar(std::string_view symbol, std::string_view interval, const protocol::bar& value) = 0;
  /// What was published goes on its way: after some handlers, and before every sleep.
  virtual void flush() = 0;
  virtual void ask(std::string_view plugin, std::uint64_t id, std::string&& question) = 0;
  virtual void reply(std::uint64_t id, bool ok, std::string&& text) = 0;
  /// The past_answer is to reach the inbox, once, whatever it is.
  virtual void read(const past_request& what) = 0;
  virtual void log(log_level level, std::string_view text) = 0;
  /// From now on nothing gets through: its plugin was given up. Any thread.
  virtual void retire() noexcept {}
};

}  // namespace tickcast::plugins
