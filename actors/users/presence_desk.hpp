#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "actors/actors.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/topics/engine.hpp"

namespace tickcast::actors {

/// Knows who is subscribed to the topics whose class has presence, and publishes who comes and goes on
/// `presence.<topic>` (see actors.hpp). On the workers. One that was restarted asks the broadcasters anew.
class presence_desk final : public observed<presence_actor::base> {
public:
  presence_desk(caf::actor_config& cfg, engine& parts);

  const char* name() const override { return "presence"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(description& to) override;

private:
  using clock = std::chrono::steady_clock;

  struct person {
    std::string name;
    std::uint64_t connections = 0;
    clock::time_point leaves{};  ///< with no connection: when that is told
  };
  struct room {
    std::unordered_map<caf::actor_id, std::string> connections;  ///< each with its user; empty: anonymous
    std::map<std::string, person> users;
    protocol::message_position at;  ///< of the topic's events, as far as they are written
  };

  void on_change(const presence_change& what);
  void on_gone(const caf::actor_addr& who);
  void on_ask(const ask_presence& what);
  void on_due();
  void enter(const presence_change& what);
  void leave(const std::string& topic, caf::actor_id who);
  void left(const std::string& topic, const std::string& user);
  void tell_event(const std::string& topic, const char* event, const std::string& user,
                  const std::string& name);

  engine& engine_;
  switchboard::lines lines_;
  std::map<std::string, room> rooms_;
  std::unordered_map<caf::actor_id, std::set<std::string>> topics_of_;
  /// Topics whose comings and goings are told: each has an event topic of its own, for good.
  std::set<std::string> told_;
  std::multimap<clock::time_point, std::pair<std::string, std::string>> leaving_;  ///< topic and user
};

}  // namespace tickcast::actors
