#include "config/config.hpp"

#include "config/words.hpp"

namespace tickcast::config {
namespace {

template <class E, std::size_t N>
std::string_view find_word(const word<E> (&words)[N], E wanted) noexcept {
  for (const auto& [text, value] : words)
    if (value == wanted) return text;
  return "?";
}

}  // namespace

std::string_view to_string(feed_kind kind) noexcept {
  return find_word(feed_kinds, kind);
}
std::string_view to_string(restart_strategy strategy) noexcept {
  return find_word(restart_strategies, strategy);
}
std::string_view to_string(plugin_isolation isolation) noexcept {
  return find_word(plugin_isolations, isolation);
}
std::string_view to_string(rule_outcome outcome) noexcept {
  return find_word(rule_outcomes, outcome);
}
std::string_view to_string(rule_audience who) noexcept {
  return find_word(rule_audiences, who);
}
std::string_view to_string(log_level level) noexcept {
  return find_word(log_levels, level);
}
std::string_view to_string(log_format format) noexcept {
  return find_word(log_formats, format);
}

std::vector<feed_section> default_feeds() {
  feed_section sub;
  sub.name = "sub";
  sub.kind = feed_kind::zmq_sub;
  sub.endpoint = {"tcp://127.0.0.1:5556"};
  feed_section pull;
  pull.name = "pull";
  pull.kind = feed_kind::zmq_pull;
  pull.endpoint = {"tcp://127.0.0.1:5557"};
  return {sub, pull};
}

}  // namespace tickcast::config
