#include "analytics/indicators/reference.hpp"

#include <fmt/format.h>

#include "analytics/indicators/call.hpp"

namespace tickcast::analytics::indicators {
namespace {

std::string range(const parameter& p) {
  if (p.type == parameter_type::average) return "a moving average";
  if (p.type == parameter_type::whole) return fmt::format("{} to {}", p.least, p.most);
  if (p.most > 1e30) return p.least < 0 ? "any number" : fmt::format("from {}", p.least);
  return fmt::format("{} to {}", p.least, p.most);
}

std::string parameters_of(const description& function) {
  std::string text;
  for (const auto& p : function.parameters)
    text += fmt::format("{}`{}` {}: {}", text.empty() ? "" : "; ", p.name, p.text, range(p));
  return text;
}

std::string outputs_of(const description& function) {
  std::string text;
  for (const auto& each : function.outputs)
    if (!each.name.empty()) text += fmt::format("{}`.{}`", text.empty() ? "" : " ", each.name);
  return text;
}

std::string inputs_of(const description& function) {
  constexpr std::pair<unsigned, std::string_view> names[] = {
      {open, "open"}, {high, "high"}, {low, "low"}, {close, "close"}, {volume, "volume"}, {anchor, "anchor"}};
  std::string text;
  for (const auto& [bit, name] : names)
    if ((function.reads & bit) != 0) text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
  return text;
}

std::string row(const description& function) {
  const auto call = parse_call(function.name).value();
  std::string name = fmt::format("`{}`", call.canonical);
  if (!function.alias.empty()) name += fmt::format(" or `{}`", function.alias);
  const auto look_back = call.parameters.empty()
                             ? std::to_string(call.look_back())
                             : fmt::format("{} ({})", function.look_back_text, call.look_back());
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", name, function.text, parameters_of(function),
                     outputs_of(function), inputs_of(function), look_back,
                     function.drawn_in == pane::price ? "price" : "own");
}

}  // namespace

std::string reference() {
  std::string text = fmt::format("{} functions, with their defaults:\n", catalogue().size());
  std::string_view group;
  for (const auto& function : catalogue()) {
    if (function.group != group) {
      group = function.group;
      text += fmt::format("\n### {}{}\n\n", static_cast<char>(group[0] - 'a' + 'A'), group.substr(1));
      text += "| call | what it is | parameters | outputs | reads | look-back | pane |\n";
      text += "| --- | --- | --- | --- | --- | --- | --- |\n";
    }
    text += row(function);
  }
  return text;
}

}  // namespace tickcast::analytics::indicators
