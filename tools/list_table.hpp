#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tickcast::tools {

/// A column of a list: how its field is shown.
struct list_column {
  std::string title;
  std::string field;
  std::string (*show)(const nlohmann::json& value);
  bool is_figure = false;  ///< to the right
};

/// One of the admin API's lists as a command.
struct list_description {
  const char* command;
  const char* path;
  const char* about;
  const char* one;   ///< what a row is: "actor"
  const char* many;  ///< "actors"
  const char* sort;  ///< unless another is asked for; empty: as they come
  const char* example;
  std::vector<list_column> columns;
};

/// All of them, in the order of the help.
const std::vector<list_description>& lists();

/// Header, rows, and a line that says how many there are and what is missing. `answer`: as the API gives it;
/// rows that are no objects show nothing but "-".
std::string print_list(const list_description& of, const nlohmann::json& answer);

}  // namespace tickcast::tools
