#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "protocol/error.hpp"
#include "protocol/market.hpp"

namespace tickcast::store {

/// What a cancel or a correction says of the trade with an id. A cancel is final; of corrections the last one
/// stands. The trade's own time, side and place in the order stay.
struct amendment {
  std::int64_t time_ns = 0;  ///< of the cancel or correction
  bool cancelled = false;
  protocol::decimal price;
  protocol::decimal size;
};

/// An id as a key: 'n' and the number, or 't' and the text. Empty for a trade without one.
std::string id_key(const protocol::trade_id& id);

std::string encode(const amendment& value);
/// Error: storage.
protocol::expected<amendment> decode_amendment(std::string_view bytes);

/// All amendments of a symbol. Not changed once it is shared.
class amendments {
public:
  /// False: nothing changed, because the trade is cancelled already.
  bool add(const std::string& id_key, const amendment& value);
  const std::unordered_map<std::string, amendment>& all() const noexcept { return by_id_; }
  /// Those before are forgotten; their keys are handed out.
  template <class OnForgotten>
  void forget_before(std::int64_t time_ns, OnForgotten&& on_forgotten) {
    for (auto it = by_id_.begin(); it != by_id_.end();) {
      if (it->second.time_ns >= time_ns) {
        ++it;
      } else {
        on_forgotten(it->first);
        it = by_id_.erase(it);
      }
    }
  }

  /// Brings a trade up to date. False: it is cancelled.
  bool apply(protocol::trade& to) const;

private:
  std::unordered_map<std::string, amendment> by_id_;
};

using shared_amendments = std::shared_ptr<const amendments>;  ///< null: none

}  // namespace tickcast::store
