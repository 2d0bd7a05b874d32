#include "actors/topics/rehearsal.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "protocol/topic.hpp"

namespace tickcast::actors {
namespace {

constexpr double longest_ms = 30'000;

// The one place where an actor blocks, because that is what is rehearsed.
void hang(double ms) {
  std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(std::clamp(ms, 0.0, longest_ms)));
}

double number_in(std::string_view text) {
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc{} && end == text.data() + text.size() ? value : 0;
}

}  // namespace

std::function<void(const symbol&, const protocol::trade&)> trade_fault(const config::debug_section& asked) {
  if (asked.fault.empty() && asked.stuck.empty()) return {};
  return [asked](const symbol& of, const protocol::trade& trade) {
    if (trade.price.is_negative() && !asked.fault.empty() && of.name == asked.fault)
      throw std::runtime_error("a trade of a negative price, as debug.fault asks");
    if (trade.price.is_zero() && !asked.stuck.empty() && of.name.starts_with(asked.stuck))
      hang(trade.size.to_double());
  };
}

std::function<void(const std::string&, const std::string&)> event_fault(const config::debug_section& asked) {
  if (asked.stuck.empty()) return {};
  return [stuck = asked.stuck](const std::string& topic, const std::string& data) {
    const auto name = protocol::parse_topic(topic);
    if (name && name->name.starts_with(stuck)) hang(number_in(data));
  };
}

}  // namespace tickcast::actors
