#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/actors.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/runtime/restart_budget.hpp"
#include "actors/topics/engine.hpp"
#include "actors/topics/event_topic.hpp"
#include "actors/topics/waiting_list.hpp"
#include "actors/topics/watch_list.hpp"

namespace tickcast::actors {

struct directory_counters {
  std::atomic<std::uint64_t> event_topics{0};
  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> refused{0};  ///< beyond limits.topics, or to a topic in quarantine
  std::atomic<std::uint64_t> topic_failures{0};
  std::atomic<std::uint64_t> quarantines{0};
  std::atomic<std::uint64_t> quarantined{0};  ///< now
  std::atomic<std::uint64_t> waiting{0};
};

/// Knows and supervises the event topics (see actors.hpp). On the workers.
class directory final : public observed<directory_actor::base> {
public:
  /// How long a topic that keeps failing is left alone.
  static constexpr std::chrono::seconds quarantine_time{60};

  directory(caf::actor_config& cfg, engine& parts, directory_counters& counters);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(description& to) override;

private:
  struct entry {
    std::shared_ptr<event_state> state;
    event_topic_actor handle;  ///< null while the topic is in quarantine
    restart_budget budget{{.intensity = 5, .period = std::chrono::seconds(10)}};
    std::chrono::steady_clock::time_point quarantined_until{};
    std::uint64_t record = 0;  ///< in the restart history, while in quarantine
  };

  void publish(const std::string& topic, std::shared_ptr<event_parcel> what,
               std::shared_ptr<const void> credit, std::int64_t taken_ns);
  void on_order(const publish_order& order);
  void on_listen(const listen& wish);
  void on_watch(const watch_topics& wish);
  entry* entry_of(const std::string& topic);
  void start_topic(entry& of);
  void topic_ended(const caf::down_msg& message);
  void release_if_due(entry& of);
  void count_topics();
  void restore();
  void tell_quarantine(const entry& of, std::pair<std::uint32_t, std::uint64_t> to);

  engine& engine_;
  directory_counters& counters_;
  switchboard::lines lines_;
  std::unordered_map<std::string, entry> topics_;
  std::unordered_map<caf::actor_id, std::string> by_actor_;
  waiting_list waiting_;
  watch_list watches_;
};

}  // namespace tickcast::actors
