#pragma once
#include <functional>
#include <utility>

#include "actors/clients/history_desk.hpp"
#include "actors/topics/engine.hpp"
#include "net/readers.hpp"
#include "store/history.hpp"

namespace tickcast::net::api {

/// Answers the history command of WebSocket clients as the routes of HTTP do: from where the topic stands,
/// joined to what is stored, on a reader thread. Outlives the connections and the reader threads.
class past_desk final : public actors::history_desk {
public:
  /// `catch_up`: see joined_trades.
  past_desk(const actors::engine& parts, const store::history& past, readers& threads,
            std::function<void()> catch_up = {})
      : engine_(parts), past_(past), threads_(threads), catch_up_(std::move(catch_up)) {}

  void answer(std::uint64_t id, const protocol::history_command& what, const access::topic_form& form,
              protocol::encoding as, taker done) override;

private:
  const actors::engine& engine_;
  const store::history& past_;
  readers& threads_;
  std::function<void()> catch_up_;
};

}  // namespace tickcast::net::api
