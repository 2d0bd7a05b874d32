#include "tools/topic_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "tools/table.hpp"

namespace tickcast::tools {
namespace {

std::string cell(const nlohmann::json& topic, const char* field) {
  const auto found = topic.find(field);
  if (found == topic.end() || found->is_null()) return "-";
  if (!found->is_string()) return found->dump();
  auto text = found->get<std::string>();
  return text.empty() ? "-" : text;
}

}  // namespace

tl::expected<std::string, std::string> print_topics(std::string_view json) {
  const auto answer = nlohmann::json::parse(json, nullptr, false);
  if (answer.is_discarded()) return tl::unexpected(std::string("the answer is no JSON"));
  const auto topics = answer.is_object() ? answer.find("topics") : answer.end();
  if (topics == answer.end() || !topics->is_array())
    return tl::unexpected(std::string("the answer has no list of topics; is this Tickcast's admin port?"));
  std::vector<std::vector<std::string>> rows;
  for (const auto& topic : *topics) {
    if (!topic.is_object()) return tl::unexpected(std::string("the answer lists something that is no topic"));
    rows.emplace_back();
    for (const auto* field : {"topic", "kind", "shard", "epoch", "seq", "subscribers", "feed", "state"})
      rows.back().push_back(cell(topic, field));
  }
  std::sort(rows.begin(), rows.end());
  const auto count = rows.size();
  table printed({{"TOPIC"},
                 {"KIND"},
                 {"SHARD", true},
                 {"EPOCH"},
                 {"SEQ", true},
                 {"SUBSCRIBERS", true},
                 {"FEED"},
                 {"STATE"}});
  for (auto& row : rows) printed.add(std::move(row));
  const bool partial = answer.value("complete", nlohmann::json(true)) == false;
  return fmt::format("{}{} topic{}{}\n", printed.print(), count, count == 1 ? "" : "s",
                     partial ? "; not all, a part of the server did not answer in time" : "");
}

}  // namespace tickcast::tools
