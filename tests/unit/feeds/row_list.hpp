#pragma once
#include <string>
#include <utility>
#include <vector>

#include "protocol/feed_message.hpp"

namespace tickcast::feeds::test {

/// Keeps what a table hands on.
struct row_list final : protocol::feed_sink {
  void on_trade(std::string_view symbol, protocol::trade&& value, std::optional<std::uint64_t>) override {
    trades.emplace_back(symbol, std::move(value));
  }
  void on_quote(std::string_view symbol, protocol::quote&& value, std::optional<std::uint64_t>) override {
    quotes.emplace_back(symbol, value);
  }
  void on_bar(std::string_view symbol, std::string_view interval, protocol::bar&& value,
              std::optional<std::uint64_t>) override {
    bars.emplace_back(std::string(interval) + "." + std::string(symbol), value);
  }
  void on_amendment(std::string_view, protocol::trade_amendment&&, std::optional<std::uint64_t>) override {}
  void on_event(std::string_view, std::string&&, std::optional<std::uint64_t>) override {}
  void on_refused(protocol::error&& why, std::optional<std::uint64_t>) override {
    refused.push_back(std::move(why.message));
  }

  std::vector<std::pair<std::string, protocol::trade>> trades;
  std::vector<std::pair<std::string, protocol::quote>> quotes;
  std::vector<std::pair<std::string, protocol::bar>> bars;  ///< by "1m.X"
  std::vector<std::string> refused;
};

}  // namespace tickcast::feeds::test
