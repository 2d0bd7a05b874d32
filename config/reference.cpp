#include "config/reference.hpp"

#include <fmt/format.h>

#include <vector>

#include "config/key_list.hpp"
#include "config/keys.hpp"
#include "config/value.hpp"

namespace tickcast::config {
namespace {

std::string header_of(const known_section& section) {
  return section.is_list ? fmt::format("[[{}]]", section.name) : fmt::format("[{}]", section.name);
}

std::string escape_cell(std::string text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '<') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string_view note_of(support state) {
  switch (state) {
    case support::later:
      return "next: notice";
    case support::refused:
      return "next: refused";
    case support::built:
      break;
  }
  return "";
}

std::string row_of(const known_key& key) {
  const auto value = key.info.required           ? std::string("required")
                     : key.default_value.empty() ? std::string("unset")
                                                 : fmt::format("`{}`", key.default_value);
  const auto allowed = key.allowed.empty() ? key.type : key.allowed;
  return fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |\n", key.info.name, value, key.info.unit,
                     escape_cell(allowed), key.info.hot ? "hot" : "cold", note_of(key.state),
                     escape_cell(std::string(key.info.text)));
}

// Writes keys before tables, because a key after a table's header would belong to that table.
class toml_writer final : public key_visitor {
public:
  explicit toml_writer(std::string path) : path_(std::move(path)) {}

  void key(const key_info& info, value_ref value) override {
    const auto text = write_value(value);
    if (info.secret || text.empty()) return;
    keys_ += fmt::format("{} = {}\n", info.name, text);
  }

  void table(const table_info& info, const std::function<void(key_visitor&)>& describe_table) override {
    toml_writer inner(join(info.name));
    describe_table(inner);
    tables_ += fmt::format("\n[{}]\n{}", join(info.name), inner.take());
  }

  void list(const table_info& info, row_list& rows) override {
    if (rows.size() == 0 && info.name == "feed") keys_ += "feed = []\n";
    for (std::size_t row = 0; row < rows.size(); ++row) {
      toml_writer inner(join(info.name));
      rows.describe(row, inner);
      tables_ += fmt::format("\n[[{}]]\n{}", join(info.name), inner.take());
    }
  }

  std::string take() { return keys_ + tables_; }

private:
  std::string join(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  }

  std::string path_;
  std::string keys_;
  std::string tables_;
};

}  // namespace

std::string key_reference() {
  std::string text;
  for (const auto& section : all_sections()) {
    text += fmt::format("\n### `{}`\n\n{}.\n", header_of(section), section.text);
    if (section.keys.empty()) continue;
    text += "\n| key | default | unit | allowed | | | |\n| --- | --- | --- | --- | --- | --- | --- |\n";
    for (const auto& key : section.keys) text += row_of(key);
  }
  return text;
}

std::string write_config(config& values) {
  toml_writer writer({});
  describe(values, writer);
  return writer.take();
}

}  // namespace tickcast::config
