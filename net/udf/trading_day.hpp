#pragma once
#include <cstdint>

#include "net/api/instruments.hpp"

namespace tickcast::net::udf {

/// The second at which TradingView wants a daily bar stamped: 00:00 UTC of the trading day that the bar's
/// time counts to by the instrument's calendar.
std::int64_t trading_day_s(const api::instrument_entry& of, std::int64_t bar_time_ns);

}  // namespace tickcast::net::udf
