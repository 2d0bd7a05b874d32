#include "config/in_force.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "config/key_list.hpp"
#include "config/keys.hpp"
#include "config/value.hpp"

namespace tickcast::config {
namespace {

constexpr std::string_view hidden = "•••";

std::string default_of(const std::string& section, std::string_view key) {
  for (const auto& known : all_sections()) {
    if (known.name != section) continue;
    for (const auto& each : known.keys)
      if (each.info.name == key) return each.default_value;
  }
  return {};
}

class lister final : public key_visitor {
public:
  /// `path`: how people know the section; `known_as`: how all_sections() does.
  lister(std::string path, std::string known_as, std::vector<section_in_force>& to)
      : path_(std::move(path)), known_as_(std::move(known_as)), to_(to) {}

  void key(const key_info& info, value_ref value) override {
    auto text = write_value(value);
    auto standard = default_of(known_as_, info.name);
    if (info.secret && text != standard) text = hidden;
    mine().keys.push_back(
        {std::string(info.name), std::move(text), std::move(standard), info.hot, std::string(info.text)});
  }
  void table(const table_info& info, const std::function<void(key_visitor&)>& describe_table) override {
    lister inner(join(path_, info.name), join(known_as_, info.name), to_);
    describe_table(inner);
  }
  void list(const table_info& info, row_list& rows) override {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      lister inner(join(join(path_, info.name), rows.name(row)), join(known_as_, info.name), to_);
      rows.describe(row, inner);
    }
  }

private:
  static std::string join(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
  }
  section_in_force& mine() {
    const auto found =
        std::find_if(to_.begin(), to_.end(), [this](auto& each) { return each.name == path_; });
    if (found != to_.end()) return *found;
    return to_.emplace_back(section_in_force{path_, {}});
  }

  std::string path_, known_as_;
  std::vector<section_in_force>& to_;
};

/// Every value by its full path, secrets included: for comparing, not for showing.
class flattener final : public key_visitor {
public:
  flattener(std::string path, std::map<std::string, std::string>& to) : path_(std::move(path)), to_(to) {}

  void key(const key_info& info, value_ref value) override { to_[under(info.name)] = write_value(value); }
  void table(const table_info& info, const std::function<void(key_visitor&)>& describe_table) override {
    flattener inner(under(info.name), to_);
    describe_table(inner);
  }
  void list(const table_info& info, row_list& rows) override {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      flattener inner(fmt::format("{}.{}", under(info.name), rows.name(row)), to_);
      rows.describe(row, inner);
    }
  }

private:
  std::string under(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  }

  std::string path_;
  std::map<std::string, std::string>& to_;
};

std::map<std::string, std::string> values_of(config& values) {
  std::map<std::string, std::string> result;
  flattener all({}, result);
  describe(values, all);
  return result;
}

}  // namespace

std::vector<std::string> changed_keys(config before, config after) {
  const auto old = values_of(before);
  const auto now = values_of(after);
  std::vector<std::string> result;
  for (const auto& [key, value] : now)
    if (const auto found = old.find(key); found == old.end() || found->second != value) result.push_back(key);
  for (const auto& [key, value] : old)
    if (!now.contains(key)) result.push_back(key);
  return result;
}

std::vector<section_in_force> in_force(config values) {
  std::vector<section_in_force> result;
  lister all({}, {}, result);
  describe(values, all);
  return result;
}

}  // namespace tickcast::config
