#include "tools/service_commands.hpp"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "protocol/frame_part.hpp"
#include "protocol/topic_pattern.hpp"

namespace tickcast::tools {
namespace {

using nlohmann::json;
using protocol::error_code;

constexpr std::size_t default_topics = 100;
constexpr std::size_t most_topics = 1000;

/// What the office says, as the backend has asked.
actors::service_office::taker back_to(const feeds::service_way& way, protocol::encoding as) {
  return [way, as](const actors::service_office::result& how) {
    if (how)
      way.reply(protocol::encode_service_data(as, *how));
    else
      way.refuse(how.error().code, how.error().message);
  };
}

error_code code_of(protocol::errc why) {
  if (why == protocol::errc::reserved_topic) return error_code::permission_denied;
  if (why == protocol::errc::bad_topic) return error_code::unknown_topic;
  return error_code::bad_request;
}

feeds::service_handler command_handler(actors::service_office& office) {
  return [&office](const protocol::service_request& question, const feeds::service_way& way) {
    auto read = protocol::read_service_command(
        question.type, question.data,
        protocol::find_part(question.data_text, protocol::encoding::json, {"data"}));
    if (!read) return way.refuse(code_of(read.error().code), read.error().message);
    office.carry_out(std::move(*read), question.key, question.type + question.data_text,
                     back_to(way, question.as));
  };
}

/// The topics that match, when all who know some have told.
class topic_list {
public:
  topic_list(json wish, std::shared_ptr<actors::topic_report> report, actors::service_office::taker to)
      : wish_(std::move(wish)), report_(std::move(report)), to_(std::move(to)) {}
  topic_list(const topic_list&) = delete;
  topic_list& operator=(const topic_list&) = delete;
  ~topic_list() {
    const protocol::topic_pattern pattern{protocol::topic_pattern::kind::glob, wish_.value("pattern", "*")};
    const auto after = wish_.value("after", "");
    const auto limit = wish_.value("limit", default_topics);
    json found = json::array();
    bool more = false;
    for (const auto& each : report_->lines()) {
      if (each.topic <= after || !pattern.matches(each.topic)) continue;
      more = found.size() == limit;
      if (more) break;
      found.push_back({{"topic", each.topic}, {"seq", each.seq}, {"subscribers", each.subscribers}});
    }
    to_(json{{"topics", std::move(found)}, {"more", more}}.dump());
  }

private:
  json wish_;
  std::shared_ptr<actors::topic_report> report_;
  actors::service_office::taker to_;
};

bool is_topic_wish(const json& data) {
  const auto is_text = [&](const char* name) { return !data.contains(name) || data[name].is_string(); };
  return is_text("pattern") && is_text("after") &&
         (!data.contains("limit") ||
          (data["limit"].is_number_unsigned() && data["limit"] >= 1U && data["limit"] <= most_topics));
}

void list_topics(actors::engine& parts, const json& data, actors::service_office::taker to) {
  if (!is_topic_wish(data))
    return to(tl::unexpected(actors::rejection{
        error_code::bad_request,
        "topics takes pattern and after, texts, and limit, a whole number from 1 to 1000"}));
  auto report = std::make_shared<actors::topic_report>();
  // Gone when the last actor has added what it knows.
  const auto list = std::make_shared<topic_list>(data, report, std::move(to));
  const actors::report_topics ask{std::shared_ptr<actors::topic_report>(list, report.get())};
  const auto lines = parts.routes.copy();
  for (const auto& each : lines.dispatchers) actors::tell(each, actors::report_topics(ask));
  for (const auto& each : lines.broadcasters) actors::tell(each, actors::report_topics(ask));
  actors::tell(lines.directory, actors::report_topics(ask));
}

}  // namespace

void add_service_commands(feeds::service_questions& to, actors::service_office& office, actors::engine& parts,
                          std::function<std::string()> stats) {
  for (const auto* type : {"publish", "push_user", "push_group", "broadcast", "subscribe_user",
                           "unsubscribe_user", "disconnect_user", "refresh"})
    to.add(type, "users", command_handler(office));
  for (const auto* type : {"presence", "users"})
    to.add(type, "users",
           [&office](const protocol::service_request& question, const feeds::service_way& way) {
             office.ask(question.type, question.data, back_to(way, question.as));
           });
  to.add("topics", "topics",
         [&parts](const protocol::service_request& question, const feeds::service_way& way) {
           list_topics(parts, question.data, back_to(way, question.as));
         });
  to.add(
      "stats", "engine",
      [stats = std::move(stats)](const protocol::service_request& question, const feeds::service_way& way) {
        way.reply(protocol::encode_service_data(question.as, stats()));
      });
}

}  // namespace tickcast::tools
