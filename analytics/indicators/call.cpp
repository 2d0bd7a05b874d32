#include "analytics/indicators/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tickcast::analytics::indicators {
namespace {

constexpr std::size_t longest = 128;

using protocol::errc;
using protocol::error;
using protocol::expected;
using tl::unexpected;

/// The name before the parentheses, and what stands in them.
struct parts {
  std::string_view name;
  std::vector<std::string_view> values;
};

std::string joined(std::span<const std::string_view> names) {
  std::string text;
  for (const auto name : names) text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
  return text;
}

std::string allowed(const parameter& p) {
  if (p.type == parameter_type::average) return "one of " + joined(average_names());
  if (p.type == parameter_type::whole) return fmt::format("a whole number from {} to {}", p.least, p.most);
  return fmt::format("a number from {} to {}", p.least, p.most);
}

std::string usage(const description& function) {
  std::string text{function.name};
  for (std::size_t i = 0; i < function.parameters.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? '(' : ',', function.parameters[i].name);
  return function.parameters.empty() ? text : text + ')';
}

expected<parts> take_apart(std::string_view text) {
  if (text.empty() || text.size() > longest)
    return unexpected(
        error{errc::malformed, fmt::format("an indicator is a call like sma(30), 1 to {} bytes", longest)});
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view{"._-:@/+(),"}.find(c) != std::string_view::npos;
    if (!fits)
      return unexpected(error{errc::malformed,
                              "an indicator is letters, digits and ._-:@/+(), without blanks, like sma(30)"});
  }
  parts result;
  const auto open = text.find('(');
  result.name = text.substr(0, open);
  if (open == std::string_view::npos) return result;
  const auto inner = text.substr(open + 1);
  if (inner.empty() || inner.find(')') != inner.size() - 1 || inner.find('(') != std::string_view::npos)
    return unexpected(error{errc::malformed, fmt::format("{}: write name(parameters), like sma(30)", text)});
  if (inner.size() > 1) {
    auto rest = inner.substr(0, inner.size() - 1);
    for (;;) {
      const auto comma = rest.find(',');
      result.values.push_back(rest.substr(0, comma));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return result;
}

/// NaN: not of that type or out of range.
double read(const parameter& p, std::string_view text) {
  if (p.type == parameter_type::average) {
    const auto names = average_names();
    const auto found = std::find(names.begin(), names.end(), text);
    return found == names.end() ? NAN : static_cast<double>(found - names.begin());
  }
  double value = NAN;
  const auto* end = text.data() + text.size();
  if (p.type == parameter_type::whole) {
    int whole = 0;
    const auto [stop, fault] = std::from_chars(text.data(), end, whole);
    if (fault == std::errc{} && stop == end) value = whole;
  } else {
    const auto [stop, fault] = std::from_chars(text.data(), end, value);
    if (fault != std::errc{} || stop != end) value = NAN;
  }
  return value >= p.least && value <= p.most ? value + 0.0 : NAN;
}

std::string written(const description& function, std::span<const double> values) {
  std::string text{function.name};
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += i == 0 ? '(' : ',';
    if (function.parameters[i].type == parameter_type::average)
      text += average_names()[static_cast<std::size_t>(values[i])];
    else
      text += fmt::format("{}", values[i]);
  }
  return values.empty() ? text : text + ')';
}

error unknown(std::string_view name) {
  std::string lower{name};
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (const auto* meant = find(lower))
    return {errc::bad_field, fmt::format("{}: names of indicators are lower case: {}", name, meant->name)};
  std::string near;
  for (const auto& each : catalogue())
    if (lower.size() > 1 && each.name.substr(0, 2) == lower.substr(0, 2))
      near += fmt::format("{}{}", near.empty() ? "" : ", ", each.name);
  return {errc::bad_field, near.empty()
                               ? fmt::format("there is no indicator {}", name)
                               : fmt::format("there is no indicator {}; close to it: {}", name, near)};
}

}  // namespace

expected<call> parse_call(std::string_view text) {
  const auto taken = take_apart(text);
  if (!taken) return unexpected(taken.error());
  const auto* function = find(taken->name);
  if (function == nullptr) return unexpected(unknown(taken->name));
  const auto& known = function->parameters;
  if (taken->values.size() > known.size())
    return unexpected(
        error{errc::bad_field, fmt::format("{}: too many parameters, write {}", text, usage(*function))});
  call result;
  for (std::size_t i = 0; i < known.size(); ++i) {
    double value = known[i].standard;
    if (i < taken->values.size()) value = read(known[i], taken->values[i]);
    if (std::isnan(value))
      return unexpected(
          error{errc::bad_field, fmt::format("{}: {} of {} must be {}, not '{}'", text, known[i].name,
                                             usage(*function), allowed(known[i]), taken->values[i])});
    result.parameters.push_back(value);
  }
  result.spelled = text;
  result.function = function;
  result.canonical = written(*function, result.parameters);
  return result;
}

std::vector<std::string> call::outputs() const {
  std::vector<std::string> names;
  for (const auto& each : function->outputs)
    names.push_back(each.name.empty() ? spelled : fmt::format("{}.{}", spelled, each.name));
  return names;
}

int call::look_back() const {
  return function->look_back(arguments{parameters});
}

int call::shift(std::size_t i) const {
  const int times = function->outputs[i].shift;
  return times == 0 ? 0 : times * static_cast<int>(parameters[1]);
}

std::vector<std::string_view> split_calls(std::string_view text) {
  std::vector<std::string_view> calls;
  if (text.empty()) return calls;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (text[i] != ',' || depth > 0) continue;
    calls.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  calls.push_back(text.substr(begin));
  return calls;
}

}  // namespace tickcast::analytics::indicators
