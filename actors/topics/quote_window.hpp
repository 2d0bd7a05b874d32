#pragma once
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/runtime/host.hpp"
#include "actors/topics/feed_board.hpp"
#include "actors/topics/symbol_table.hpp"
#include "actors/topics/topic_view.hpp"
#include "protocol/symbol_quote.hpp"

namespace tickcast::actors {

class quote_desk;

/// A symbol's present figures, kept up to date by its shard's quote desk while somebody asks for them.
class symbol_figures {
public:
  explicit symbol_figures(const symbol& of) : symbol_(of) {}

  const std::string& symbol_name() const noexcept { return symbol_.name; }
  /// All of it; the views are valid until the next turn.
  protocol::symbol_quote quote() const;
  /// encode_symbol_quote of now; kept until a figure or a feed's state (`board_version`) moves on.
  const protocol::frame_ptr& encoded(protocol::encoding as, std::uint64_t board_version);
  /// Room for what somebody makes of encoded(); emptied together with it.
  std::shared_ptr<const void>& made_of_encoded(protocol::encoding as) noexcept {
    return made_[protocol::index(as)];
  }

private:
  friend class quote_desk;
  friend class quote_window;
  enum part : std::size_t { trades, quotes };
  static constexpr std::size_t parts = 2;

  bool known() const noexcept { return known_[trades] && known_[quotes]; }
  void forget_encoded() noexcept {
    encoded_ = {};
    made_ = {};
  }

  const symbol& symbol_;
  std::uint32_t generation_ = 0;
  std::array<bool, parts> known_{};
  std::array<std::uint64_t, parts> seq_{};
  trade_view trades_;
  quote_view quotes_;
  const feed_entry* feed_ = nullptr;
  bool quarantined_ = false;
  bool symbol_stale_ = false;
  host::clock::time_point asked_{};
  std::array<protocol::frame_ptr, protocol::encoding_count> encoded_;
  std::array<std::shared_ptr<const void>, protocol::encoding_count> made_;
  std::uint64_t board_version_ = 0;
  std::vector<std::function<void(symbol_figures*)>> waiting_;
};

/// Where others on a shard's thread ask how a symbol stands, without a message where the shard knows already.
/// Its actor, the quote desk, listens to `trade.S` and `quote.S` from the first question on until nobody has
/// asked for quote_desk::keep_time. Outlives the actor; grows with the symbols the engine knows, never with
/// what is asked for.
class quote_window {
public:
  /// Gets the figures, or null when they cannot be told: the desk is just being restarted.
  using taker = std::function<void(symbol_figures*)>;

  /// `where`: the shard's host.
  explicit quote_window(const host& where) : host_(where) {}

  /// The figures, when they are known; null: ask for them.
  symbol_figures* find(std::string_view name);
  /// Calls `done` once, at once or in a later turn of this thread.
  void ask(const symbol& of, taker done);
  /// Symbols that are listened to.
  std::size_t size() const noexcept { return by_name_.size(); }

private:
  friend class quote_desk;
  const host& host_;
  quote_desk* desk_ = nullptr;
  std::unordered_map<std::string_view, std::unique_ptr<symbol_figures>> by_name_;
};

}  // namespace tickcast::actors
