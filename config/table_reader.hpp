#pragma once
#include <toml++/toml.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/findings.hpp"
#include "config/keys.hpp"

namespace tickcast::config {

/// Reads one TOML table into the section that it visits. Call finish() after the visit: what the table holds
/// and nobody asked for is unknown. `path` is what stands before its keys, empty for the file itself.
class table_reader final : public key_visitor {
public:
  table_reader(const toml::table& table, std::string path, findings& found)
      : table_(table), path_(std::move(path)), found_(found) {}

  void key(const key_info& info, value_ref value) override;
  void table(const table_info& info, const std::function<void(key_visitor&)>& describe) override;
  /// Rows of the file take the place of those that stand by default.
  void list(const table_info& info, row_list& rows) override;
  void finish();

private:
  const toml::node* find(std::string_view name);
  void read_row(const toml::table& row, std::string_view list_name, row_list& rows);
  std::string path_of(std::string_view name) const;

  const toml::table& table_;
  std::string path_;
  findings& found_;
  std::vector<std::string_view> known_;
};

/// `list.name` when the name can stand there and no row before has it, else `list[place]`, counted from 1.
std::string row_path(std::string_view list, std::string_view name, const std::vector<std::string>& before);

}  // namespace tickcast::config
