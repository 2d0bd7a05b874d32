#include <fmt/format.h>

#include <string>
#include <utility>

#include "config/key_list.hpp"
#include "config/keys.hpp"
#include "config/relations.hpp"
#include "config/value.hpp"

namespace tickcast::config {
namespace {

const known_section* find_section(std::string_view name) {
  for (const auto& section : all_sections())
    if (section.name == name) return &section;
  return nullptr;
}

class support_checker final : public key_visitor {
public:
  /// `path` as faults name it, `section` as the description does: `feed.pull` and `feed`.
  support_checker(findings& found, std::string path, std::string section)
      : found_(found), path_(std::move(path)), section_(std::move(section)) {}

  void key(const key_info& info, value_ref value) override {
    for (const auto& known : find_section(section_)->keys) {
      if (known.info.name != info.name) continue;
      auto text = write_value(value);
      if (text != known.default_value)
        tell(known.state, join(path_, info.name), info.secret ? std::string() : std::move(text));
    }
  }

  void table(const table_info& info, const std::function<void(key_visitor&)>& describe_table) override {
    support_checker inner(found_, join(path_, info.name), join(section_, info.name));
    describe_table(inner);
  }

  void list(const table_info& info, row_list& rows) override {
    const auto state = find_section(info.name)->state;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const auto& path = found_.rows(info.name)[row];
      support_checker inner(found_, path, std::string(info.name));
      if (state == support::built)
        rows.describe(row, inner);
      else
        tell(state, path, {});
    }
  }

private:
  static std::string join(std::string_view path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
  }

  void tell(support state, const std::string& path, std::string value) {
    if (found_.is_faulty(path)) return;
    if (state == support::refused)
      found_.blame_at(path, std::move(value),
                      "this version does not act on it yet, and who sets it relies on it; leave it out");
    else if (state == support::later)
      found_.notice_at(path, std::move(value), "read and checked, but this version does not act on it yet");
  }

  findings& found_;
  std::string path_;
  std::string section_;
};

}  // namespace

void check_support(config& values, findings& found) {
  support_checker checker(found, {}, {});
  describe(values, checker);
}

}  // namespace tickcast::config
