#include "tickcast/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

#include "protocol/topic.hpp"

namespace tickcast::plugins {
namespace {

template <class Number>
std::optional<Number> read(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> read_flag(std::string_view text) {
  for (const auto yes : {"true", "yes", "on", "1"})
    if (text == yes) return true;
  for (const auto no : {"false", "no", "off", "0"})
    if (text == no) return false;
  return std::nullopt;
}

[[noreturn]] void complain(std::string_view name, std::string_view value, std::string_view wanted) {
  throw std::invalid_argument(fmt::format("parameter {} is \"{}\", it must be {}", name, value, wanted));
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

const std::string* parameters::find(std::string_view name) const {
  const auto found = values_.find(std::string(name));
  return found == values_.end() ? nullptr : &found->second;
}

std::string parameters::text(std::string_view name, std::string_view fallback) const {
  const auto* value = find(name);
  return value ? *value : std::string(fallback);
}

double parameters::number(std::string_view name, double fallback) const {
  const auto* value = find(name);
  if (!value) return fallback;
  const auto result = read<double>(*value);
  if (!result) complain(name, *value, "a number");
  return *result;
}

std::int64_t parameters::whole(std::string_view name, std::int64_t fallback) const {
  const auto* value = find(name);
  if (!value) return fallback;
  const auto result = read<std::int64_t>(*value);
  if (!result) complain(name, *value, "a whole number");
  return *result;
}

bool parameters::flag(std::string_view name, bool fallback) const {
  const auto* value = find(name);
  if (!value) return fallback;
  const auto result = read_flag(*value);
  if (!result) complain(name, *value, "true or false");
  return *result;
}

protocol::decimal parameters::exact(std::string_view name, protocol::decimal fallback) const {
  const auto* value = find(name);
  if (!value) return fallback;
  const auto result = protocol::decimal::parse(*value);
  if (!result) complain(name, *value, "a number of at most 18 digits");
  return *result;
}

std::vector<std::string> parameters::list(std::string_view name) const {
  std::vector<std::string> result;
  const auto* value = find(name);
  if (!value) return result;
  std::string_view rest = *value;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    if (const auto part = trimmed(rest.substr(0, comma)); !part.empty()) result.emplace_back(part);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return result;
}

bool parameter_check::begin(std::string_view name, need is) {
  known_.emplace_back(name);
  if (given_.has(name)) return true;
  if (is == required) faults_.push_back(fmt::format("parameter {} is missing", name));
  return false;
}

parameter_check& parameter_check::text(std::string_view name, need is) {
  if (begin(name, is) && given_.text(name).empty())
    faults_.push_back(fmt::format("parameter {} is empty", name));
  return *this;
}

parameter_check& parameter_check::symbol(std::string_view name, need is) {
  if (begin(name, is) && !protocol::is_valid_symbol(given_.text(name)))
    faults_.push_back(fmt::format("parameter {} is \"{}\", which is no symbol", name, given_.text(name)));
  return *this;
}

parameter_check& parameter_check::topic(std::string_view name, need is) {
  if (!begin(name, is)) return *this;
  const auto value = given_.text(name);
  const auto parsed = protocol::parse_topic(value);
  if (!parsed)
    faults_.push_back(fmt::format("parameter {} is \"{}\", which is no topic", name, value));
  else if (protocol::is_reserved(parsed->kind) || parsed->kind == protocol::topic_kind::user)
    faults_.push_back(fmt::format("parameter {} is \"{}\", which plugins may not write", name, value));
  return *this;
}

parameter_check& parameter_check::number(std::string_view name, double least, double most, need is) {
  if (!begin(name, is)) return *this;
  const auto value = read<double>(given_.text(name));
  if (!value || !(*value >= least && *value <= most))
    faults_.push_back(fmt::format("parameter {} is \"{}\", it must be a number from {} to {}", name,
                                  given_.text(name), least, most));
  return *this;
}

parameter_check& parameter_check::whole(std::string_view name, std::int64_t least, std::int64_t most,
                                        need is) {
  if (!begin(name, is)) return *this;
  const auto value = read<std::int64_t>(given_.text(name));
  if (!value || *value < least || *value > most)
    faults_.push_back(fmt::format("parameter {} is \"{}\", it must be a whole number from {} to {}", name,
                                  given_.text(name), least, most));
  return *this;
}

parameter_check& parameter_check::flag(std::string_view name, need is) {
  if (begin(name, is) && !read_flag(given_.text(name)))
    faults_.push_back(
        fmt::format("parameter {} is \"{}\", it must be true or false", name, given_.text(name)));
  return *this;
}

parameter_check& parameter_check::interval(std::string_view name, need is) {
  if (begin(name, is) && !protocol::parse_interval(given_.text(name)))
    faults_.push_back(fmt::format("parameter {} is \"{}\", which is no interval; write 1m, 1d or 100t", name,
                                  given_.text(name)));
  return *this;
}

std::vector<std::string> parameter_check::faults() const {
  auto result = faults_;
  for (const auto& [name, value] : given_.all())
    if (std::find(known_.begin(), known_.end(), name) == known_.end())
      result.push_back(
          fmt::format("parameter {} is not known; there are: {}", name, fmt::join(known_, ", ")));
  return result;
}

}  // namespace tickcast::plugins
