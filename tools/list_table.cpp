#include "tools/list_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/table.hpp"
#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

using nlohmann::json;

// "3 actors", "2 of 10,042 actors match", "first 20 of 10,042 actors".
std::string summary(const list_description& of, std::size_t shown, const json& answer) {
  const json total = answer.value("total", json(shown)), matched = answer.value("matched", json(shown));
  const auto noun = [&](const json& count) { return count == 1 ? of.one : of.many; };
  if (json(shown) != matched)
    return fmt::format("first {} of {} {}", as_count(shown), as_count(matched), noun(matched));
  if (matched != total) return fmt::format("{} of {} {}", as_count(matched), as_count(total), noun(total));
  return fmt::format("{} {}", as_count(total), noun(total));
}

}  // namespace

std::string print_list(const list_description& of, const json& answer) {
  std::vector<table::column> columns;
  for (const auto& each : of.columns) columns.push_back({each.title, each.is_figure});
  table printed(std::move(columns));
  const auto& rows = member(answer, "rows");
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    for (const auto& each : of.columns) cells.push_back(each.show(member(row, each.field)));
    printed.add(std::move(cells));
  }
  const bool partial = member(answer, "complete") == false;
  return fmt::format("{}{}{}\n", printed.print(), summary(of, rows.size(), answer),
                     partial ? "; not all, a part of the server did not answer in time" : "");
}

}  // namespace tickcast::tools
