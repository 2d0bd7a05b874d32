#pragma once
#include <string>
#include <string_view>

#include "protocol/feed_message.hpp"

namespace tickcast::protocol {

/// Trades, quotes and bars as feed messages in JSON, one behind the other; anything else is left out.
class feed_text final : public feed_sink {
public:
  /// `behind_each`: "," for an array, "\n" for lines; also behind the last one.
  explicit feed_text(char behind_each) : behind_each_(behind_each) {}

  void on_trade(std::string_view symbol, trade&& value, std::optional<std::uint64_t> feed_seq) override;
  void on_quote(std::string_view symbol, quote&& value, std::optional<std::uint64_t> feed_seq) override;
  void on_bar(std::string_view symbol, std::string_view interval, bar&& value,
              std::optional<std::uint64_t> feed_seq) override;
  void on_amendment(std::string_view, trade_amendment&&, std::optional<std::uint64_t>) override {}
  void on_event(std::string_view, std::string&&, std::optional<std::uint64_t>) override {}
  void on_refused(error&&, std::optional<std::uint64_t>) override {}

  const std::string& text() const noexcept { return text_; }
  void clear() noexcept { text_.clear(); }
  /// The messages as one array; they are gone from here. For those made with ",".
  std::string take_array();

private:
  void append(const std::string& message);

  char behind_each_;
  std::string text_;
};

}  // namespace tickcast::protocol
