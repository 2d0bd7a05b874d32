#include "net/udf/trading_day.hpp"

namespace tickcast::net::udf {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t day_ns = day_s * 1'000'000'000;

}  // namespace

std::int64_t trading_day_s(const api::instrument_entry& of, std::int64_t bar_time_ns) {
  if (of.calendar && !of.calendar->plain()) return of.calendar->trading_day(bar_time_ns) * day_s;
  return (bar_time_ns / day_ns - (bar_time_ns % day_ns < 0 ? 1 : 0)) * day_s;
}

}  // namespace tickcast::net::udf
