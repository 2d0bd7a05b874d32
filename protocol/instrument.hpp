#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "protocol/decimal.hpp"
#include "protocol/trading_hours.hpp"

namespace tickcast::protocol {

/// What is known of a symbol beside its prices.
struct instrument {
  std::string symbol;             ///< as in topics; in reference data also a pattern with * and ?
  std::string description;        ///< for people
  std::string type;               ///< "crypto", "stock", "futures", …; empty: unknown
  std::string exchange;           ///< name or MIC; empty: unknown
  std::string zone = "UTC";       ///< IANA time zone in which `hours` are told
  std::string sessions = "24x7";  ///< `hours` as they were written, for those who pass them on
  trading_hours hours;
  std::optional<decimal> tick;              ///< smallest step of a price
  std::optional<std::int32_t> price_scale;  ///< decimal places of prices
  std::optional<std::int32_t> size_scale;   ///< decimal places of sizes

  friend bool operator==(const instrument&, const instrument&) = default;
};

}  // namespace tickcast::protocol
