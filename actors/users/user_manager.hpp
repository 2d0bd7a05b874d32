#pragma once
#include <memory>
#include <string>
#include <unordered_map>

#include "actors/actors.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/topics/engine.hpp"
#include "actors/users/user_table.hpp"

namespace tickcast::actors {

/// Knows who is there (see actors.hpp). On the workers. Agents outlive a manager that fails: the next one
/// finds them in the table.
class user_manager final : public observed<user_manager_actor::base> {
public:
  /// How long the agent of a user is not started again after it kept failing.
  static constexpr std::chrono::seconds quarantine_time{60};

  user_manager(caf::actor_config& cfg, engine& parts, user_table& table, user_counters& counters);

  const char* name() const override { return "user manager"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(description& to) override;

private:
  void on_came(const user_came& who);
  void on_order(const std::shared_ptr<service_errand>& order, const std::shared_ptr<const void>& credit);
  void on_batch(const order_batch& batch);
  void on_ask(const ask_users& what) const;
  void on_report(const user_report& what);
  void on_ended(const caf::down_msg& message);

  void push(const std::shared_ptr<service_errand>& order, const protocol::push_command& what,
            const std::shared_ptr<const void>& credit);
  void push_to(const std::vector<std::string>& users, const std::shared_ptr<service_errand>& order,
               const protocol::push_command& what, const std::shared_ptr<const void>& credit);
  void announce(const protocol::push_command& what);
  /// `made`: null where there are too many users.
  user_entry* entry_of(const std::string& user);
  user_entry* find(std::string_view user);
  /// False: its agent keeps failing.
  template <class Message>
  bool send(user_entry& to, const Message& what);
  void start_agent(user_entry& of);
  void forget(const std::string& user);
  void enter_groups(const user_sight& before, const user_sight& now);
  void sweep();
  void count();

  engine& engine_;
  user_table& table_;
  user_counters& counters_;
  switchboard::lines lines_;
  std::unordered_map<caf::actor_id, std::string> by_agent_;
  std::uint64_t online_ = 0;
};

}  // namespace tickcast::actors
