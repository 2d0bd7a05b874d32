#include "tools/units.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <initializer_list>
#include <nlohmann/json.hpp>

namespace tickcast::tools {
namespace {

using nlohmann::json;

constexpr const char* unknown = "-";

/// Three digits and what they are counted in.
std::string scaled(double value, std::initializer_list<const char*> units, double step) {
  auto unit = units.begin();
  while (std::abs(value) >= step - 0.5 && unit + 1 != units.end()) {
    value /= step;
    ++unit;
  }
  const int digits = std::abs(value) >= 99.95 ? 0 : 1;
  return fmt::format("{:.{}f}{}", value, digits, *unit);
}

std::string grouped(std::string digits) {
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string moment(const json& value, bool with_ms) {
  if (!value.is_number_integer()) return as_text(value);
  const auto us = value.get<std::int64_t>();
  const auto seconds = static_cast<std::time_t>(us / 1'000'000);
  const auto text = fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(seconds));
  return with_ms ? fmt::format("{}.{:03}", text, us / 1000 % 1000) : text + "Z";
}

}  // namespace

std::string as_text(const json& value) {
  if (value.is_null()) return unknown;
  auto text = value.is_string() ? value.get<std::string>() : value.dump();
  return text.empty() ? unknown : text;
}

std::string as_count(const json& value) {
  if (!value.is_number()) return as_text(value);
  return grouped(fmt::format("{:.0f}", value.get<double>()));
}

std::string as_rate(const json& value) {
  if (!value.is_number()) return as_text(value);
  const auto rate = value.get<double>();
  return rate == 0 ? "0" : scaled(rate, {"", "k", "M", "G"}, 1000);
}

std::string as_bytes(const json& value) {
  if (!value.is_number()) return as_text(value);
  const auto bytes = value.get<double>();
  return bytes < 1000 ? fmt::format("{:.0f} B", bytes)
                      : scaled(bytes, {" B", " kB", " MB", " GB", " TB"}, 1000);
}

std::string as_duration(const json& value) {
  if (!value.is_number()) return as_text(value);
  const auto ms = value.get<double>();
  if (ms == 0) return "0";
  if (ms < 1000) return fmt::format("{:.0f} ms", ms);
  if (ms < 60'000) return fmt::format("{:.1f} s", ms / 1000);
  const auto seconds = static_cast<std::int64_t>(ms / 1000);
  if (seconds < 3600) return fmt::format("{}m {:02}s", seconds / 60, seconds % 60);
  if (seconds < 86'400) return fmt::format("{}h {:02}m", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{}d {}h", seconds / 86'400, seconds / 3600 % 24);
}

std::string as_micros(const json& value) {
  if (!value.is_number()) return as_text(value);
  const auto us = value.get<double>();
  return us == 0 ? "0" : scaled(us, {" µs", " ms", " s"}, 1000);
}

std::string as_share(const json& value) {
  if (!value.is_number()) return as_text(value);
  return fmt::format("{:.1f}%", value.get<double>() * 100);
}

std::string as_time(const json& value) {
  return moment(value, false);
}

std::string as_log_time(const json& value) {
  return moment(value, true);
}

std::string as_yes(const json& value) {
  if (!value.is_boolean()) return as_text(value);
  return value.get<bool>() ? "yes" : "no";
}

const json& member(const json& of, std::string_view name) {
  static const json none;
  if (!of.is_object()) return none;
  const auto found = of.find(std::string(name));
  return found == of.end() ? none : *found;
}

std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
      '?');
  return text;
}

std::string cut(const std::string& text, std::size_t width) {
  std::size_t points = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins && points++ == width) return text.substr(0, i);
  }
  return text;
}

}  // namespace tickcast::tools
