#include "tickcast/test_kit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "feeds/playback.hpp"
#include "plugins/kit/virtual_engine.hpp"
#include "store/history.hpp"

extern "C" {
extern const tickcast::plugins::plugin_entry tickcast_plugin_entry
    __attribute__((weak, visibility("default")));
}

namespace tickcast::plugins {
namespace {

protocol::decimal exact(std::string_view text) {
  const auto value = protocol::decimal::parse(text);
  if (!value) throw std::invalid_argument(fmt::format("\"{}\" is no number", text));
  return *value;
}

const plugin_entry& entry_of_this_program() {
  if (!&tickcast_plugin_entry)
    throw std::logic_error("this program has no TICKCAST_PLUGIN: link the plugin's source file");
  return tickcast_plugin_entry;
}

/// History that a test has put there.
class past_of_test final : public store::history {
public:
  std::map<std::string, std::vector<protocol::trade>, std::less<>> trades_of;
  std::map<std::pair<std::string, std::string>, std::vector<protocol::bar>> bars_of;  ///< interval, symbol

  protocol::expected<std::vector<protocol::trade>> trades(std::string_view symbol,
                                                          const store::range& which) const override {
    const auto found = trades_of.find(symbol);
    return found == trades_of.end() ? std::vector<protocol::trade>() : cut(found->second, which);
  }
  protocol::expected<std::vector<protocol::quote>> quotes(std::string_view,
                                                          const store::range&) const override {
    return std::vector<protocol::quote>();
  }
  protocol::expected<std::vector<protocol::bar>> bars(std::string_view interval, std::string_view symbol,
                                                      const store::range& which) const override {
    const auto found = bars_of.find({std::string(interval), std::string(symbol)});
    return found == bars_of.end() ? std::vector<protocol::bar>() : cut(found->second, which);
  }
  std::vector<std::string> symbols() const override { return {}; }
  std::vector<std::string> intervals(std::string_view) const override { return {}; }

private:
  template <class Row>
  static std::vector<Row> cut(const std::vector<Row>& rows, const store::range& which) {
    std::vector<Row> result;
    for (const auto& each : rows)
      if (each.time_ns >= which.from_ns && each.time_ns < which.to_ns) result.push_back(each);
    const auto over = static_cast<std::ptrdiff_t>(result.size() - std::min(result.size(), which.limit));
    if (which.which == store::keep::newest)
      result.erase(result.begin(), result.begin() + over);
    else
      result.erase(result.end() - over, result.end());
    return result;
  }
};

}  // namespace

class test_kit::inside {
public:
  inside(const plugin_entry& entry, parameters given, test_kit_options options)
      : engine(entry, set_up(std::move(given), std::move(options)),
               {[this](std::int64_t time_ns, std::string_view topic, std::string&& text) {
                  published.push_back({time_ns, std::string(topic), json::parse(text)});
                },
                [this](log_level level, std::string_view text) {
                  log.push_back({level, std::string(text)});
                },
                [this](std::string_view plugin, const json& question) -> std::optional<answer> {
                  const auto found = responders.find(plugin);
                  if (found == responders.end()) return std::nullopt;
                  return found->second(question);
                }}) {}

  past_of_test past;
  std::map<std::string, std::function<answer(const json&)>, std::less<>> responders;
  std::vector<published_message> published;
  std::vector<logged_line> log;
  virtual_engine engine;  // last: what it tells stands before it

private:
  virtual_engine_options set_up(parameters given, test_kit_options options) {
    for (auto& each : options.kept_bars) past.bars_of[{each.interval, each.symbol}] = std::move(each.bars);
    for (auto& each : options.kept_trades) past.trades_of[each.symbol] = std::move(each.trades);
    virtual_engine_options result;
    result.name = std::move(options.name);
    result.given = std::move(given);
    result.publishes_per_s = options.publishes_per_s;
    result.is_feed = options.is_feed;
    result.begin_ns = options.begin_ns;
    result.intervals = std::move(options.intervals);
    result.lateness_ms = options.lateness_ms;
    result.kept = &past;
    return result;
  }
};

test_kit::test_kit(parameters given, test_kit_options options)
    : test_kit(entry_of_this_program(), std::move(given), std::move(options)) {}

test_kit::test_kit(const plugin_entry& entry, parameters given, test_kit_options options)
    : inside_(std::make_unique<inside>(entry, std::move(given), std::move(options))) {
  inside_->engine.start();
}

test_kit::~test_kit() = default;

void test_kit::trade(std::string_view symbol, const protocol::trade& value) {
  inside_->engine.take(symbol, value);
}

void test_kit::trade(std::string_view symbol, std::string_view price, std::string_view size,
                     protocol::side aggressor) {
  inside_->engine.take(symbol, protocol::trade{now_ns(), exact(price), exact(size), aggressor, {}});
}

void test_kit::quote(std::string_view symbol, const protocol::quote& value) {
  inside_->engine.take(symbol, value);
}

void test_kit::quote(std::string_view symbol, std::string_view bid, std::string_view bid_size,
                     std::string_view ask, std::string_view ask_size) {
  inside_->engine.take(symbol,
                       protocol::quote{now_ns(), exact(bid), exact(bid_size), exact(ask), exact(ask_size)});
}

void test_kit::bar(std::string_view symbol, std::string_view interval, const protocol::bar& value) {
  inside_->engine.take(symbol, interval, value);
}

void test_kit::event(std::string_view topic, const json& value) {
  inside_->engine.take_event(topic, value.dump());
}

std::uint64_t test_kit::play(const std::vector<std::string>& files, std::uint64_t most_rows) {
  feeds::playback rows({files, {}, false});
  std::uint64_t played = 0;
  for (auto* row = rows.peek(); row && played < most_rows; row = rows.peek(), ++played) {
    const auto symbol = std::string(row->symbol);
    std::visit([&](const auto& value) { inside_->engine.take(symbol, value); }, row->value);
    rows.pop();
  }
  return played;
}

void test_kit::advance(std::chrono::nanoseconds by) {
  inside_->engine.move_to(now_ns() + by.count());
}

void test_kit::lose(std::uint64_t updates) {
  inside_->engine.lose(updates);
}

answer test_kit::ask(const json& question, std::string_view from) {
  return inside_->engine.put(question, from);
}

void test_kit::on_ask(std::string_view plugin, std::function<answer(const json&)> respond) {
  inside_->responders[std::string(plugin)] = std::move(respond);
}

void test_kit::reload() {
  inside_->engine.reload();
}

void test_kit::stop() {
  inside_->engine.stop();
}

const std::vector<published_message>& test_kit::published() const {
  return inside_->published;
}

std::vector<published_message> test_kit::published(std::string_view topic) const {
  std::vector<published_message> result;
  for (const auto& each : inside_->published)
    if (each.topic == topic) result.push_back(each);
  return result;
}

std::uint64_t test_kit::counter(std::string_view name) const {
  const auto all = inside_->engine.seen().counters();
  const auto found = all.find(name);
  return found == all.end() ? 0 : found->second;
}

double test_kit::gauge(std::string_view name) const {
  const auto all = inside_->engine.seen().gauges();
  const auto found = all.find(name);
  return found == all.end() ? 0 : found->second;
}

const std::vector<logged_line>& test_kit::log() const {
  return inside_->log;
}

std::vector<std::string> test_kit::subscriptions() const {
  return inside_->engine.seen().subscriptions();
}

std::uint64_t test_kit::refused() const {
  return inside_->engine.seen().over_budget.load() + inside_->engine.seen().refused.load();
}

std::int64_t test_kit::now_ns() const {
  return inside_->engine.now_ns();
}

context& test_kit::engine() {
  return inside_->engine.its();
}

}  // namespace tickcast::plugins
