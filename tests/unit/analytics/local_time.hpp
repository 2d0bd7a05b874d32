#pragma once
#include <date/tz.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace tickcast::tests {

/// Nanoseconds UTC of "2024-11-29 09:30" or "2024-11-29 09:30:03" by the clock of `zone`.
inline std::int64_t at(const std::string& local, const char* zone = "UTC") {
  const auto part = [&](std::size_t from, std::size_t size) { return std::stoi(local.substr(from, size)); };
  const date::year_month_day day(date::year(part(0, 4)), date::month(static_cast<unsigned>(part(5, 2))),
                                 date::day(static_cast<unsigned>(part(8, 2))));
  const auto time = date::local_days(day) + std::chrono::hours(part(11, 2)) +
                    std::chrono::minutes(part(14, 2)) +
                    std::chrono::seconds(local.size() > 16 ? part(17, 2) : 0);
  const auto utc = date::locate_zone(zone)->to_sys(time, date::choose::earliest);
  return std::chrono::nanoseconds(utc.time_since_epoch()).count();
}

}  // namespace tickcast::tests
