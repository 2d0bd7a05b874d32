#pragma once
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/actors.hpp"
#include "actors/runtime/hosted.hpp"
#include "actors/topics/engine.hpp"
#include "actors/topics/writers.hpp"
#include "feeds/egress_outlet.hpp"

namespace tickcast::feeds {

/// Passes on the topics that the outlet's subscribers want: a snapshot when somebody subscribes, then every
/// update, encoded once. A listening post that takes the value alone; it keeps no values, but asks the writer
/// again when a snapshot is due.
///
/// A subscription that is a topic with the delimiter behind it is listened to; any other is a prefix, whose
/// topics the post watches for. When the actor fails its successor finds the subscriptions in the outlet and
/// gives every topic a snapshot. On the egress's host.
class egress final : public actors::hosted<actors::listener_actor::base> {
public:
  /// Prefixes that are watched for one by one; when there are more, every topic is watched for.
  static constexpr std::size_t most_watched = 1024;

  egress(caf::actor_config& cfg, actors::host& where, actors::engine& parts, egress_outlet& out,
         egress_counters& counters);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(actors::description& to) override;

private:
  using topic_index = std::uint32_t;
  struct topic {
    std::string name;
    std::string frame;  ///< name and delimiter
    std::string epoch;  ///< empty: the writer has not said yet, or nobody has written it
    std::uint64_t seq = 0;
    std::uint64_t asked_at = 0;  ///< subscriptions_ when a snapshot was asked for last
    bool quarantined = false;
    bool symbol_stale = false;
    bool snapshot_due = false;
    bool queued = false;  ///< in asks_
  };
  struct slot {
    std::uint32_t generation = 0;
    std::unique_ptr<topic> open;
  };

  void read_changes();
  void subscribed(const std::string& prefix);
  void unsubscribed(const std::string& prefix);
  void watch(const std::string& prefix);
  void unwatch(const std::string& prefix);
  void send_watch(const std::string& prefix);
  void on_updates(const actors::updates& batch);
  void on_attached(const actors::attached& where);
  void on_known(const actors::topics_known& topics);

  bool wanted(std::string_view frame) const;
  void open(const std::string& name);
  void close(topic_index index);
  void ask(topic_index index);
  void ask_some();
  void review_soon();
  void review();
  void look();
  void ask_successors();
  void ask_all();
  void send_snapshot(const topic& of, const actors::attached& where);

  std::uint64_t ticket(topic_index index) const noexcept;
  topic* by_ticket(std::uint64_t ticket) noexcept;
  const actors::feed_entry* feed(std::uint16_t id);

  actors::engine& engine_;
  egress_outlet& out_;
  egress_counters& counters_;
  actors::writers writers_;
  std::vector<slot> slots_;
  std::vector<topic_index> free_slots_;
  std::unordered_map<std::string, topic_index> by_name_;
  egress_outlet::prefix_set patterns_;      ///< that are no whole topic
  egress_outlet::prefix_set watched_;       ///< those of them that are watched for by themselves
  egress_outlet::prefix_set new_patterns_;  ///< whose topics are due a snapshot at the next review
  std::uint64_t subscriptions_ = 0;         ///< to prefixes so far; tells whose snapshot is still to come
  bool watching_all_ = false;
  bool listing_due_ = false;   ///< all topics are to be told again at the next look
  bool closing_some_ = false;  ///< the next review closes what nobody wants any longer
  bool review_scheduled_ = false;
  std::deque<topic_index> asks_;  ///< topics whose writer is to be asked where they stand
  std::size_t under_way_ = 0;     ///< asked and not answered
  std::uint64_t answers_ = 0;
  std::uint64_t answers_seen_ = 0;  ///< at the last look
  bool asking_again_ = false;
  std::uint64_t version_asked_ = 0;  ///< of the switchboard, when all were asked last
  std::vector<const actors::feed_entry*> feeds_;
};

}  // namespace tickcast::feeds
