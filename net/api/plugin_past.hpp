#pragma once
#include <functional>
#include <utility>

#include "actors/plugins/past_desk.hpp"
#include "actors/topics/engine.hpp"
#include "net/readers.hpp"
#include "store/history.hpp"

namespace tickcast::net::api {

/// Answers what plugins ask of the past as the routes of HTTP do: from where the topic stands, joined to
/// what is stored, on a reader thread. Outlives the plugins and the reader threads.
class plugin_past final : public actors::past_desk {
public:
  /// `catch_up`: see joined_trades.
  plugin_past(const actors::engine& parts, const store::history& past, readers& threads,
              std::function<void()> catch_up = {})
      : engine_(parts), past_(past), threads_(threads), catch_up_(std::move(catch_up)) {}

  void read(const plugins::past_request& what, taker done) override;

private:
  const actors::engine& engine_;
  const store::history& past_;
  readers& threads_;
  std::function<void()> catch_up_;
};

}  // namespace tickcast::net::api
