#pragma once
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/market.hpp"
#include "tickcast/abi.hpp"
#include "tickcast/context.hpp"

/// A plugin is an actor of your own inside the engine: it gets the topics it asks for and publishes what it
/// finds. docs/plugins.md leads from nothing to a running one.
namespace tickcast::plugins {

/// What a plugin derives from. Every function is called on the plugin's own thread, one at a time.
///
/// An exception that leaves a handler ends this plugin with its text as the reason; it is made anew while its
/// restart budget lasts. A handler that takes longer than `budget_handler_ms` raises an alarm. Updates that
/// come faster than the plugin takes them wait; above `budget_mailbox` the oldest are dropped, and on_lost
/// tells.
class plugin {
public:
  virtual ~plugin() = default;

  /// Once, before everything else: subscribe here.
  virtual void on_start() {}
  /// A subscribed topic's history is here now (engine().trades() and so on): after subscribing, when the
  /// topic began a new count, and after on_lost.
  virtual void on_history(const source& /*from*/) {}
  virtual void on_trade(const source& /*from*/, const protocol::trade& /*trade*/) {}
  virtual void on_quote(const source& /*from*/, const protocol::quote& /*quote*/) {}
  /// A forming bar comes again and again with the same time, the last time with `closed`. A closed bar that
  /// late trades, cancels or corrections change comes once more with a higher `rev`, also when newer ones
  /// have come since: it takes the place of the bar of its time.
  virtual void on_bar(const source& /*from*/, const protocol::bar& /*bar*/) {}
  /// A message of a topic without a symbol; `message` is JSON text, json::parse reads it.
  virtual void on_event(const source& /*from*/, std::string_view /*message*/) {}
  /// So many updates were dropped since the last call, because they came too fast.
  virtual void on_lost(std::uint64_t /*updates*/) {}
  virtual void on_timer(timer_id /*timer*/) {}
  /// Another plugin asks. What is returned is the answer; an exception ends this plugin.
  virtual answer on_question(std::string_view /*from*/, const json& /*question*/) {
    return {false, {}, "this plugin answers no questions"};
  }
  /// Once, when the plugin is unloaded or the engine stops; not after a failure.
  virtual void on_stop() {}

  /// A reload hands over what save() returned to load() of the new version, before its on_start().
  virtual std::string save() { return {}; }
  /// `version`: the one that saved. Throwing keeps the old version running.
  virtual void load(std::string_view /*state*/, std::string_view /*version*/) {}

protected:
  /// Valid from on_start() (or load()) to the end of on_stop(), not in the constructor.
  context& engine() noexcept { return *context_; }

private:
  friend class runner;
  /// After each turn in which somebody called the waker, or in which other handlers ran.
  virtual void on_wake() {}
  context* context_ = nullptr;
};

/// What a library says of itself; TICKCAST_PLUGIN makes one. No exception leaves `make` and `check`.
struct plugin_entry {
  const char* name;
  const char* version;
  /// Null and a sentence in `error` when the constructor threw.
  plugin* (*make)(std::string& error);
  void (*destroy)(plugin* made);
  /// The faults of the parameters; empty: all is well.
  std::vector<std::string> (*check)(const parameters& given);
};

namespace detail {

template <class Plugin>
plugin* make(std::string& error) {
  try {
    return new Plugin;
  } catch (const std::exception& failure) {
    error = failure.what();
  } catch (...) {
    error = "its constructor threw something that is no std::exception";
  }
  return nullptr;
}

template <class Plugin>
std::vector<std::string> check(const parameters& given) {
  try {
    if constexpr (requires { Plugin::check(given); }) return Plugin::check(given);
  } catch (const std::exception& failure) {
    return {failure.what()};
  } catch (...) {
    return {"checking the parameters threw something that is no std::exception"};
  }
  return {};
}

template <class Plugin>
constexpr plugin_entry entry(const char* name, const char* version) {
  return {name, version, &make<Plugin>, [](plugin* made) { delete made; }, &check<Plugin>};
}

}  // namespace detail
}  // namespace tickcast::plugins

#define TICKCAST_EXPORT __attribute__((visibility("default")))

/// Makes a library of a class: put it once, at the end of a source file, outside of all namespaces.
///
/// `type`: derived from plugin, default-constructible; may have
/// `static std::vector<std::string> check(const parameters&)`, which says what is wrong with the parameters
/// before anything is made. `version`: yours, shown in the console and told to load().
#define TICKCAST_PLUGIN(type, plugin_name, plugin_version)                            \
  extern "C" {                                                                        \
  TICKCAST_EXPORT extern const tickcast_plugin_abi_record tickcast_plugin_abi;        \
  const tickcast_plugin_abi_record tickcast_plugin_abi = TICKCAST_ABI_RECORD("");     \
  TICKCAST_EXPORT extern const tickcast::plugins::plugin_entry tickcast_plugin_entry; \
  const tickcast::plugins::plugin_entry tickcast_plugin_entry =                       \
      tickcast::plugins::detail::entry<type>(plugin_name, plugin_version);            \
  }                                                                                   \
  static_assert(true, "")
