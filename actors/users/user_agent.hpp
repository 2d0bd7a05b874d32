#pragma once
#include <memory>
#include <optional>
#include <string>

#include "actors/actors.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/topics/engine.hpp"
#include "actors/users/user_state.hpp"

namespace tickcast::actors {

/// One signed-in user (see actors.hpp). On the workers.
class user_agent final : public observed<user_agent_actor::base> {
public:
  user_agent(caf::actor_config& cfg, engine& parts, std::shared_ptr<user_state> state,
             user_counters& counters);

  const char* name() const override { return "user agent"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(description& to) override;

private:
  void on_came(const device_ptr& what);
  void on_gone(const caf::actor_addr& who);
  void on_push(const push_parcel& what);
  void on_order(service_errand& order);
  void on_seen(const messages_seen& what);
  void on_look();

  void catch_up(const device& to);
  void send(kept_message& message, const device* to = nullptr);
  std::uint64_t send_frame(std::string_view kind, std::string_view data, const protocol::message_position* at,
                           const device* to);
  void keep(const kept_message& message, std::function<void(bool)> then);
  void forget(const kept_message& message);
  void let_go(std::vector<kept_message>&& gone);
  void arm();
  void report(bool idle = false);
  void look_for_idleness();
  template <class Message>
  void tell_devices(const Message& what);

  engine& engine_;
  std::shared_ptr<user_state> state_;
  user_counters& counters_;
  switchboard::lines lines_;
  std::uint64_t taken_ = 0;  ///< of the manager's messages
  std::optional<std::chrono::steady_clock::time_point> armed_;
  std::chrono::steady_clock::time_point idle_since_;
};

}  // namespace tickcast::actors
