#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/plugins/messages.hpp"
#include "actors/plugins/plugin_board.hpp"
#include "actors/runtime/hosted.hpp"
#include "actors/topics/writers.hpp"

namespace tickcast::actors {

struct hub_counters {
  std::atomic<std::uint64_t> updates{0};     ///< that reached the hub
  std::atomic<std::uint64_t> deliveries{0};  ///< put into inboxes
  std::atomic<std::uint64_t> topics{0};      ///< listened to
};

/// The plugins' listening post: takes each update once and puts it into the inbox of every plugin that asked.
/// Never waits for a plugin, so that no feed's credit does.
///
/// Holds no values: a plugin that subscribes is given the history that the topic's writer tells anew.
class plugin_hub final : public hosted<plugin_hub_actor::base> {
public:
  plugin_hub(caf::actor_config& cfg, host& where, plugin_board& board, hub_counters& counters);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  using inbox_ptr = std::shared_ptr<plugins::inbox>;
  struct reading {
    inbox_ptr to;
    std::vector<std::string> by;  ///< the patterns that brought it here
    bool waits = true;            ///< for its first history; updates before it are in it
    bool asks = false;            ///< for the history once more; updates go on meanwhile
  };
  struct hub_topic {
    std::shared_ptr<const plugins::topic_ref> ref;
    std::uint64_t ticket = 0;
    std::string epoch;  ///< as last told; empty: unwritten
    std::vector<reading> readers;
  };

  void on_updates(const updates& batch);
  void on_attached(const attached& where);
  void on_known(const topics_known& known);
  void on_subscribe(const hub_subscribe& wish);
  void on_unsubscribe(const hub_unsubscribe& wish);
  void on_refresh(const hub_refresh& wish);
  void on_leave(const inbox_ptr& who);

  void read(const inbox_ptr& who, const std::string& topic, const std::string& pattern);
  void tell_anew(hub_topic& topic);
  void ask_for(const hub_topic& topic);
  void drop_pattern(const inbox_ptr& who, const std::string& pattern);
  void drop_empty();
  void ask_again();

  plugin_board& board_;
  hub_counters& counters_;
  writers writers_;
  std::unordered_map<std::string, std::uint64_t> tickets_;  ///< by topic
  std::unordered_map<std::uint64_t, hub_topic> topics_;     ///< by ticket
  std::unordered_map<std::string, std::vector<inbox_ptr>> globs_;
  std::uint64_t last_ticket_ = 0;
  bool asking_again_ = false;
  std::vector<plugins::inbox*> touched_;
};

}  // namespace tickcast::actors
