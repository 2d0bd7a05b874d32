#include "config/key_list.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/suggestion.hpp"
#include "config/value.hpp"

namespace tickcast::config {
namespace {

class key_lister final : public key_visitor {
public:
  explicit key_lister(known_section section) : own_(std::move(section)) {}

  void key(const key_info& info, value_ref value) override {
    own_.keys.push_back({own_.name, own_.is_list, info, std::string(type_of(value)), write_value(value),
                         allowed_for(info, value), std::max(own_.state, info.state)});
  }

  void table(const table_info& info, const std::function<void(key_visitor&)>& describe_table) override {
    key_lister inner({path_of(info.name), own_.is_list, info.text, std::max(own_.state, info.state), {}});
    describe_table(inner);
    take(std::move(inner));
  }

  void list(const table_info& info, row_list& rows) override {
    rows.clear();
    rows.add();
    key_lister inner({path_of(info.name), true, info.text, std::max(own_.state, info.state), {}});
    rows.describe(0, inner);
    take(std::move(inner));
  }

  std::vector<known_section>&& sections() && { return std::move(inner_); }

private:
  std::string path_of(std::string_view name) const {
    return own_.name.empty() ? std::string(name) : fmt::format("{}.{}", own_.name, name);
  }

  void take(key_lister&& inner) {
    inner_.push_back(std::move(inner.own_));
    for (auto& deeper : inner.inner_) inner_.push_back(std::move(deeper));
  }

  known_section own_;
  std::vector<known_section> inner_;
};

std::string section_header(const known_section& section) {
  return section.is_list ? fmt::format("[[{}]]", section.name) : fmt::format("[{}]", section.name);
}

// Sections other than the one of `path` that have a key `name`.
std::vector<std::string> homes(std::string_view path, std::string_view name) {
  std::vector<std::string> found;
  for (const auto& section : all_sections()) {
    const bool here = path == section.name || (section.is_list && path.starts_with(section.name));
    if (!here && std::any_of(section.keys.begin(), section.keys.end(),
                             [&](const known_key& key) { return key.info.name == name; }))
      found.push_back(section_header(section));
  }
  return found;
}

}  // namespace

const std::vector<known_section>& all_sections() {
  static const auto sections = [] {
    config defaults;
    key_lister lister({{}, false, {}, support::built, {}});
    describe(defaults, lister);
    return std::move(lister).sections();
  }();
  return sections;
}

std::string unknown_key(std::string_view path, std::string_view name,
                        const std::vector<std::string_view>& known) {
  const auto what = path.empty() ? std::string("no such section") : fmt::format("no such key in {}", path);
  if (const auto meant = suggest(name, known)) return fmt::format("{}; did you mean \"{}\"?", what, *meant);
  const auto found = homes(path, name);
  if (!found.empty() && found.size() <= 3)
    return fmt::format("{}; it belongs to {}", what, fmt::join(found, " or "));
  return fmt::format("{}; it has {}", what, fmt::join(known, ", "));
}

}  // namespace tickcast::config
