#pragma once
#include <string_view>
#include <utility>

#include "config/config.hpp"

/// How the values of each enumeration are written in a file.
namespace tickcast::config {

template <class E>
using word = std::pair<std::string_view, E>;

inline constexpr word<feed_kind> feed_kinds[] = {{"zmq-sub", feed_kind::zmq_sub},
                                                 {"zmq-pull", feed_kind::zmq_pull},
                                                 {"replay", feed_kind::replay},
                                                 {"plugin", feed_kind::plugin}};
inline constexpr word<protocol::feed_format> feed_formats[] = {{"auto", protocol::feed_format::automatic},
                                                               {"msgpack", protocol::feed_format::msgpack},
                                                               {"json", protocol::feed_format::json}};
inline constexpr word<restart_strategy> restart_strategies[] = {
    {"one_for_one", restart_strategy::one_for_one},
    {"one_for_all", restart_strategy::one_for_all},
    {"rest_for_one", restart_strategy::rest_for_one}};
inline constexpr word<protocol::interval::source> bar_sources[] = {
    {"trades", protocol::interval::source::trades},
    {"bid", protocol::interval::source::bid},
    {"ask", protocol::interval::source::ask},
    {"mid", protocol::interval::source::mid}};
inline constexpr word<plugin_isolation> plugin_isolations[] = {{"thread", plugin_isolation::thread},
                                                               {"process", plugin_isolation::process}};
inline constexpr word<rule_outcome> rule_outcomes[] = {
    {"deny", rule_outcome::deny}, {"delayed", rule_outcome::delayed}, {"allow", rule_outcome::allow}};
inline constexpr word<rule_audience> rule_audiences[] = {{"anyone", rule_audience::anyone},
                                                         {"anonymous", rule_audience::anonymous},
                                                         {"signed-in", rule_audience::signed_in}};
inline constexpr word<log_level> log_levels[] = {{"trace", log_level::trace},
                                                 {"debug", log_level::debug},
                                                 {"info", log_level::info},
                                                 {"warning", log_level::warning},
                                                 {"error", log_level::error}};
inline constexpr word<log_format> log_formats[] = {{"text", log_format::text}, {"json", log_format::json}};

}  // namespace tickcast::config
