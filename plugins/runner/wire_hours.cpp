#include "plugins/runner/wire_hours.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

namespace tickcast::plugins::wire {
namespace {

using nlohmann::json;
using sessions = std::vector<protocol::session_minutes>;

json of(const sessions& day) {
  auto result = json::array();
  for (const auto& each : day) result.push_back(json::array({each.begin, each.end}));
  return result;
}

sessions sessions_of(const json& from) {
  sessions result;
  for (const auto& each : from) result.push_back({each.at(0), each.at(1)});
  return result;
}

json of(const protocol::instrument& what) {
  json result{{"symbol", what.symbol}, {"zone", what.zone}, {"always", what.hours.always}};
  for (const auto& each : what.hours.by_weekday) result["week"].push_back(of(each));
  auto& others = result["others"] = json::array();
  for (const auto& [day, its] : what.hours.days_that_differ) others.push_back(json::array({day, of(its)}));
  return result;
}

protocol::instrument instrument_of(const json& from) {
  protocol::instrument result;
  result.symbol = from.at("symbol");
  result.zone = from.at("zone");
  result.hours.always = from.at("always");
  auto& week = result.hours.by_weekday;
  for (std::size_t i = 0; i < week.size(); ++i) week[i] = sessions_of(from.at("week").at(i));
  for (const auto& each : from.at("others"))
    result.hours.days_that_differ.emplace(each.at(0), sessions_of(each.at(1)));
  return result;
}

}  // namespace

json of(const analytics::instruments& listed) {
  auto result = json::array();
  for (const auto& each : listed.all()) result.push_back(of(each.what));
  return result;
}

std::shared_ptr<const analytics::instruments> instruments_of(const json& from) {
  std::vector<protocol::instrument> listed;
  for (const auto& each : from) listed.push_back(instrument_of(each));
  auto made = analytics::instruments::make(listed);
  if (!made) throw std::runtime_error(made.error());
  return std::make_shared<const analytics::instruments>(std::move(*made));
}

}  // namespace tickcast::plugins::wire
