#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/history.hpp"

namespace tickcast::store {

/// What a tier may have less of than another.
enum class data_kind : std::uint8_t { trade, quote, bar };

/// A history, and from when on it is complete: a further tier is asked for what lies before.
///
/// Thread: any, as history.
class tier : public history {
public:
  /// From this time on nothing is missing of a symbol (and, of bars, of an interval) that was ever here; the
  /// least int64 when nothing was ever left out.
  virtual std::int64_t complete_from_ns(data_kind kind, std::string_view symbol,
                                        std::string_view interval) const = 0;
};

/// Several tiers as one history, nearest first: each is asked for the span before those in front of it are
/// complete. An error of a tier is the answer's.
class tiered_history final : public history {
public:
  explicit tiered_history(std::vector<std::shared_ptr<const tier>> tiers) : tiers_(std::move(tiers)) {}

  protocol::expected<std::vector<protocol::trade>> trades(std::string_view symbol,
                                                          const range& which) const override;
  protocol::expected<std::vector<protocol::quote>> quotes(std::string_view symbol,
                                                          const range& which) const override;
  protocol::expected<std::vector<protocol::bar>> bars(std::string_view interval, std::string_view symbol,
                                                      const range& which) const override;
  std::vector<std::string> symbols() const override;
  std::vector<std::string> intervals(std::string_view symbol) const override;

private:
  std::vector<std::shared_ptr<const tier>> tiers_;
};

}  // namespace tickcast::store
