#include "config/overrides.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "config/checks.hpp"
#include "config/key_list.hpp"
#include "config/keys.hpp"
#include "config/table_reader.hpp"
#include "config/value.hpp"

namespace tickcast::config {
namespace {

constexpr std::size_t longest_option = 65'536;

struct override_value {
  std::string raw;
  std::shared_ptr<toml::node> node;  // the string `raw` when it is no TOML
  std::string complaint;             // why neither will do
};

override_value parse_value(std::string raw) {
  override_value value{std::move(raw), nullptr, {}};
  try {
    auto table = toml::parse("value = " + value.raw);
    auto* node = table.get("value");
    // A line break in the option can smuggle in further keys.
    if (table.size() == 1 && node)
      node->visit([&]<class N>(N& parsed) { value.node = std::make_shared<N>(std::move(parsed)); });
  } catch (const toml::parse_error& error) {
    if (!value.raw.empty() && std::string_view("\"'[{").find(value.raw.front()) != std::string_view::npos)
      value.complaint = std::string(error.description());
  }
  if (!value.node) value.node = std::make_shared<toml::value<std::string>>(value.raw);
  return value;
}

// Follows a path through the description, one visitor a level, and sets the key at its end.
class override_visitor final : public key_visitor {
public:
  override_visitor(std::string_view rest, std::string path, const override_value& value, const site& where,
                   findings& found)
      : rest_(rest),
        head_(rest.substr(0, rest.find('.'))),
        path_(std::move(path)),
        value_(value),
        where_(where),
        found_(found) {}

  void key(const key_info& info, value_ref value) override {
    if (!is_meant(info.name)) return;
    const auto path = path_of(head_);
    const auto below = after_head();
    if (auto* const* entries = std::get_if<std::map<std::string, std::string>*>(&value);
        entries && !below.empty())
      return set_entry(info, **entries, path, std::string(below));
    if (!below.empty()) return blame(info, path, {}, fmt::format("{} is a key, not a section", path), {});
    if (info.required && info.name == "name")
      return blame(info, path, {}, "a row's name cannot be changed; it is part of the path", {});
    set(info, value, path);
  }

  void table(const table_info& info, const std::function<void(key_visitor&)>& describe_table) override {
    if (!is_meant(info.name)) return;
    override_visitor inner(after_head(), path_of(head_), value_, where_, found_);
    describe_table(inner);
    inner.finish();
  }

  void list(const table_info& info, row_list& rows) override {
    if (!is_meant(info.name)) return;
    const auto below = after_head();
    const auto name = below.substr(0, below.find('.'));
    if (name.empty() || name.size() == below.size())
      return found_.blame(where_, std::string(info.name), {}, "name a row and one of its keys",
                          fmt::format("{}.<name>.<key>=…", info.name));
    if (!a_name.holds(name))
      return found_.blame(where_, std::string(info.name), quote(name), "cannot be a name",
                          std::string(a_name.allowed));
    const auto row = find_or_add(info.name, std::string(name), rows);
    override_visitor inner(below.substr(name.size() + 1), found_.rows(info.name)[row], value_, where_,
                           found_);
    rows.describe(row, inner);
    inner.finish();
  }

  void finish() {
    if (done_) return;
    if (head_.empty())
      found_.blame(where_, path_, {},
                   fmt::format("{} is a section; name one of its keys: {}", path_, fmt::join(known_, ", ")));
    else
      found_.blame(where_, path_of(head_), {}, unknown_key(path_, head_, known_));
  }

private:
  bool is_meant(std::string_view name) {
    known_.push_back(name);
    if (name != head_) return false;
    done_ = true;
    return true;
  }
  std::string_view after_head() const {
    return head_.size() == rest_.size() ? std::string_view() : rest_.substr(head_.size() + 1);
  }
  std::string path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  }

  std::size_t find_or_add(std::string_view list, std::string name, row_list& rows) {
    auto& paths = found_.rows(list);
    for (std::size_t row = 0; row < rows.size(); ++row)
      if (rows.name(row) == name) return row;
    paths.push_back(row_path(list, name, paths));
    found_.remember(paths.back(), where_);
    found_.remember(paths.back() + ".name", where_);
    rows.add();
    rows.name(rows.size() - 1) = std::move(name);
    return rows.size() - 1;
  }

  void set(const key_info& info, const value_ref& value, const std::string& path) {
    if (!value_.complaint.empty())
      return blame(info, path, value_.raw, value_.complaint, allowed_for(info, value));
    found_.remember(path, where_);
    // What is meant as a string need not look like one: a prefix of digits, a file called true.
    const bool as_text = std::holds_alternative<std::string*>(value) && !value_.node->is_string();
    const toml::value<std::string> text(value_.raw);
    read_value(info, value, as_text ? static_cast<const toml::node&>(text) : *value_.node,
               [&](const toml::node& culprit, std::string message, std::string allowed) {
                 blame(info, path, show(culprit), std::move(message), std::move(allowed));
               });
  }

  void set_entry(const key_info& info, std::map<std::string, std::string>& entries, const std::string& path,
                 const std::string& name) {
    std::string text;
    set({.name = info.name, .text = info.text, .shape = info.shape}, &text, path);
    if (!found_.is_faulty(path)) entries[name] = std::move(text);
  }

  void blame(const key_info& info, const std::string& path, std::string value, std::string message,
             std::string allowed) {
    if (!info.secret)
      return found_.blame(where_, path, std::move(value), std::move(message), std::move(allowed));
    found_.blame({0, 0, path + "=(not shown)"}, path, {}, std::move(message), std::move(allowed));
  }

  std::string_view rest_;
  std::string_view head_;
  std::string path_;
  const override_value& value_;
  const site& where_;
  findings& found_;
  std::vector<std::string_view> known_;
  bool done_ = false;
};

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

void apply_override(config& values, const std::string& option, findings& found) {
  const site where{0, 0, option.empty() ? "\"\"" : option};
  const auto equals = option.find('=');
  const auto path = trim(std::string_view(option).substr(0, equals));
  if (equals == std::string::npos || path.empty() || path.front() == '.')
    return found.blame(where, {}, {}, "not an override", "section.key=value");
  if (option.size() > longest_option) return found.blame(where, {}, {}, "too long");
  const auto value = parse_value(std::string(trim(std::string_view(option).substr(equals + 1))));
  override_visitor visitor(path, {}, value, where, found);
  describe(values, visitor);
  visitor.finish();
}

}  // namespace tickcast::config
