#include "config/table_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/checks.hpp"
#include "config/key_list.hpp"
#include "config/suggestion.hpp"
#include "config/value.hpp"

namespace tickcast::config {
namespace {

site place(const toml::source_region& region) {
  return {region.begin.line, region.begin.column, {}};
}

}  // namespace

std::string row_path(std::string_view list, std::string_view name, const std::vector<std::string>& before) {
  auto path = fmt::format("{}.{}", list, name);
  const bool usable =
      !name.empty() && a_name.holds(name) && std::find(before.begin(), before.end(), path) == before.end();
  return usable ? path : fmt::format("{}[{}]", list, before.size() + 1);
}

std::string table_reader::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

const toml::node* table_reader::find(std::string_view name) {
  known_.push_back(name);
  return table_.get(name);
}

void table_reader::key(const key_info& info, value_ref value) {
  const auto* node = find(info.name);
  if (!node) return;
  const auto path = path_of(info.name);
  found_.remember(path, place(node->source()));
  read_value(info, value, *node, [&](const toml::node& culprit, std::string message, std::string allowed) {
    found_.blame(place(culprit.source()), path, info.secret ? "(not shown)" : show(culprit),
                 std::move(message), std::move(allowed));
  });
}

void table_reader::table(const table_info& info, const std::function<void(key_visitor&)>& describe) {
  const auto* node = find(info.name);
  if (!node) return;
  const auto path = path_of(info.name);
  found_.remember(path, place(node->source()));
  if (const auto* inner = node->as_table()) {
    table_reader reader(*inner, path, found_);
    describe(reader);
    reader.finish();
  } else {
    found_.blame(place(node->source()), path, show(*node), "is a section",
                 fmt::format("[{}] and its keys", path));
  }
}

void table_reader::list(const table_info& info, row_list& rows) {
  const auto* node = find(info.name);
  if (!node) return;
  const auto allowed = fmt::format("[[{}]] before each of its rows", info.name);
  const auto* array = node->as_array();
  if (!array) {
    found_.blame(place(node->source()), std::string(info.name), show(*node), "is a list of sections",
                 allowed);
    return;
  }
  rows.clear();
  found_.rows(info.name).clear();
  for (const auto& element : *array) {
    if (const auto* row = element.as_table())
      read_row(*row, info.name, rows);
    else
      found_.blame(place(element.source()), std::string(info.name), show(element), "is a list of sections",
                   allowed);
  }
}

void table_reader::read_row(const toml::table& row, std::string_view list_name, row_list& rows) {
  auto& paths = found_.rows(list_name);
  const auto name = row["name"].value_exact<std::string>().value_or("");
  const auto path = row_path(list_name, name, paths);
  if (const auto* first = found_.where(fmt::format("{}.{}.name", list_name, name));
      first && !path.ends_with(name))
    found_.blame(place(row["name"].node()->source()), path + ".name", quote(name),
                 fmt::format("the name is taken by line {}; names are unique", first->line));
  paths.push_back(path);
  found_.remember(path, place(row.source()));
  rows.add();
  table_reader reader(row, path, found_);
  rows.describe(rows.size() - 1, reader);
  reader.finish();
}

void table_reader::finish() {
  for (const auto& [key, node] : table_) {
    if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
    const bool section = node.is_table() || node.is_array_of_tables();
    found_.blame(place(key.source()), path_of(key.str()), section ? "" : show(node),
                 unknown_key(path_, key.str(), known_));
  }
}

}  // namespace tickcast::config
