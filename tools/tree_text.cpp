#include "tools/tree_text.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/table.hpp"
#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

using nlohmann::json;

std::string budget_of(const json& node) {
  if (member(node, "intensity").is_null()) return "";
  return fmt::format("{} of {} in {}", as_text(member(node, "spent")), as_text(member(node, "intensity")),
                     as_duration(member(node, "period_ms")));
}

std::string state_of(const json& node) {
  auto text = as_text(member(node, "state"));
  if (const auto& due = member(node, "due_ms"); !due.is_null()) text += ", due in " + as_duration(due);
  return text;
}

std::string or_nothing(const json& value, std::string (*show)(const json&)) {
  return value.is_null() ? std::string() : show(value);
}

class drawing {
public:
  drawing()
      : table_({{"NAME"},
                {"ID", true},
                {"KIND"},
                {"STATE"},
                {"STRATEGY"},
                {"BUDGET SPENT"},
                {"RESTART"},
                {"RESTARTS", true},
                {"LAST REASON"}}) {}
  void add(const json& node, const std::string& before, const std::string& below) {
    table_.add({before + as_text(member(node, "name")), or_nothing(member(node, "id"), as_text),
                or_nothing(member(node, "kind"), as_text), state_of(node),
                or_nothing(member(node, "strategy"), as_text), budget_of(node),
                or_nothing(member(node, "restart"), as_text), or_nothing(member(node, "restarts"), as_count),
                or_nothing(member(node, "last_reason"), as_text)});
    const auto& children = member(node, "children");
    const auto& many = member(node, "many");
    const auto all = children.size() + many.size();
    std::size_t drawn = 0;
    const auto branch = [&] { return below + (++drawn == all ? "└─ " : "├─ "); };
    for (const auto& each : children) {
      const auto here = branch();
      add(each, here, below + (drawn == all ? "   " : "│  "));
    }
    for (const auto& each : many)
      table_.add(
          {fmt::format("{}{} × {}", branch(), as_count(member(each, "count")), as_text(member(each, "kind"))),
           "", "", fmt::format("{} waiting", as_count(member(each, "mailbox"))), "", "", "", "", ""});
  }
  std::string print() const { return table_.print(); }

private:
  table table_;
};

}  // namespace

std::string print_tree(const json& answer) {
  drawing tree;
  tree.add(member(answer, "root"), "", "");
  return tree.print();
}

}  // namespace tickcast::tools
