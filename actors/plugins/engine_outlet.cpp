#include "actors/plugins/engine_outlet.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "actors/plugins/past_desk.hpp"
#include "actors/plugins/plugin_board.hpp"

namespace tickcast::actors {

using plugins::published;

engine_outlet::engine_outlet(plugin_board& board, std::string name, std::shared_ptr<plugins::inbox> letters,
                             feed_entry& entry, feed_port_options options)
    : board_(board),
      name_(std::move(name)),
      letters_(std::move(letters)),
      port_(board.parts().feeds, entry, board.parts().symbols, board.parts().routes, std::move(options)) {}

void engine_outlet::subscribe(const std::string& pattern) {
  if (!retired_.load()) tell(board_.hub(), hub_subscribe{letters_, pattern});
}

void engine_outlet::unsubscribe(const std::string& pattern) {
  if (!retired_.load()) tell(board_.hub(), hub_unsubscribe{letters_, pattern});
}

void engine_outlet::refresh(const std::vector<std::string>& topics) {
  if (!retired_.load()) tell(board_.hub(), hub_refresh{letters_, topics});
}

bool engine_outlet::may_publish() {
  return !retired_.load(std::memory_order_relaxed) && port_.may_read();
}

published engine_outlet::gathered() {
  if (++gathered_ >= most_gathered) flush();
  return published::sent;
}

published engine_outlet::event(std::string_view topic, std::string&& json_text) {
  if (!may_publish()) return published::busy;
  port_.on_event(topic, std::move(json_text), {});
  return gathered();
}

published engine_outlet::trade(std::string_view symbol, const protocol::trade& value) {
  if (!may_publish()) return published::busy;
  port_.on_trade(symbol, protocol::trade(value), {});
  return gathered();
}

published engine_outlet::quote(std::string_view symbol, const protocol::quote& value) {
  if (!may_publish()) return published::busy;
  port_.on_quote(symbol, protocol::quote(value), {});
  return gathered();
}

published engine_outlet::bar(std::string_view symbol, std::string_view interval, const protocol::bar& value) {
  if (!may_publish()) return published::busy;
  port_.on_bar(symbol, interval, protocol::bar(value), {});
  return gathered();
}

void engine_outlet::flush() {
  if (gathered_ == 0 || retired_.load()) return;
  gathered_ = 0;
  port_.flush();
}

void engine_outlet::ask(std::string_view plugin, std::uint64_t id, std::string&& question) {
  if (!retired_.load()) board_.ask(letters_, id, name_, std::string(plugin), std::move(question));
}

void engine_outlet::reply(std::uint64_t id, bool ok, std::string&& text) {
  if (!retired_.load()) board_.reply(id, ok, std::move(text));
}

void engine_outlet::read(const plugins::past_request& what) {
  if (retired_.load()) return;
  const auto parsed = protocol::parse_topic(what.topic);
  if (!parsed) return;
  const auto give = [letters = letters_, topic = std::make_shared<const plugins::topic_ref>(*parsed)](
                        std::shared_ptr<const plugins::past_answer> answer) {
    const auto seq = answer->seq;
    letters->put({topic, seq, std::move(answer)});
    letters->wake();
  };
  if (auto* desk = board_.past()) return desk->read(what, give);
  auto none = std::make_shared<plugins::past_answer>();
  none->id = what.id;
  none->code = plugins::past_error::failed;
  none->error = "this server keeps no history";
  give(std::move(none));
}

void engine_outlet::log(plugins::log_level level, std::string_view text) {
  if (retired_.load()) return;
  constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info,
                                                  spdlog::level::warn, spdlog::level::err};
  spdlog::log(levels[static_cast<std::size_t>(level)], "plugin {}: {}", name_, text);
}

}  // namespace tickcast::actors
