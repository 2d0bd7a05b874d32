#pragma once
#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "actors/actors.hpp"
#include "actors/clients/shard_clients.hpp"
#include "actors/runtime/hosted.hpp"
#include "actors/runtime/latency_histogram.hpp"
#include "actors/topics/engine.hpp"
#include "actors/topics/local_topic.hpp"
#include "actors/topics/writers.hpp"

namespace tickcast::actors {

/// Counters of one shard's broadcaster; outlive it.
struct broadcaster_counters {
  /// One for each alternative of topic_view.
  using by_kind = std::array<std::atomic<std::uint64_t>, std::variant_size_v<topic_view>>;

  std::atomic<std::uint64_t> updates{0};
  std::atomic<std::uint64_t> deliveries{0};
  by_kind updates_of{};
  by_kind deliveries_of{};
  std::atomic<std::uint64_t> snapshots{0};
  std::atomic<std::uint64_t> announced{0};   ///< messages for everybody, a client each
  std::atomic<std::uint64_t> went_quiet{0};  ///< subscriptions that fell behind
  std::atomic<std::uint64_t> gaps{0};
  std::atomic<std::uint64_t> gap_lost{0};  ///< updates those gaps stand for
  std::atomic<std::uint64_t> topics{0};
  std::atomic<std::uint64_t> unwritten{0};
  std::atomic<std::uint64_t> subscriptions{0};
  latency_histogram tick_to_queue;  ///< from the feed's hand-over to the clients' queues
  /// From a trade's or quote's own time to the clients' queues, by the clocks of this machine and the venue.
  age_histogram message_age;
  std::atomic<std::uint64_t> ages_left_out{0};  ///< too far from now to be live
};

/// Fans updates out to the clients of one shard (see actors.hpp).
class broadcaster final : public hosted<broadcaster_actor::base> {
public:
  broadcaster(caf::actor_config& cfg, host& where, engine& parts, std::uint32_t shard,
              const shard_clients& all, broadcaster_counters& counters);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(description& to) override;

private:
  using topic_index = std::uint32_t;

  /// One client. A seat that is free has no `who`.
  struct client_seat {
    caf::strong_actor_ptr keep;
    connection* who = nullptr;
    std::vector<topic_index> topics;
    /// Topics on which the client is behind, and the first seq it has not got.
    std::vector<std::pair<topic_index, std::uint64_t>> behind;
  };
  /// A subscribe command that waits until all its topics' positions are known.
  struct pending_subscribe {
    caf::strong_actor_ptr keep;
    connection* who;
    std::uint64_t id;
    std::vector<std::uint64_t> topics;  ///< their tickets
    std::size_t missing;
    bool refused = false;
  };
  struct topic_slot {
    std::unique_ptr<local_topic> topic;
    std::uint32_t generation = 0;
    std::vector<std::shared_ptr<pending_subscribe>> waiting;
  };
  /// A fan-out that goes on after the sockets had their turn.
  struct fan_out {
    topic_index topic;
    std::shared_ptr<const update> what;  ///< null: send everybody the snapshot
    std::shared_ptr<const void> credit;  ///< goes back to the feed when all have it
    std::size_t next;
    std::size_t end;
  };

  void on_updates(const updates& batch);
  void announce(const announcement& what, std::size_t next);
  void on_attached(const attached& where);
  void on_subscribe(const subscribe& wish);
  void subscribe_unasked(subscribe wish);
  void begin_subscribe(const subscribe& wish);
  void on_unsubscribe(const unsubscribe& wish);
  void on_drained(connection& who);
  void on_left(connection& who);

  bool refuse_subscribe(const subscribe& wish);
  std::uint32_t seat_of(const subscribe& wish);
  topic_index open_topic(const std::string& name);
  void add_subscriber(topic_index topic, std::uint32_t seat, protocol::encoding as);
  void remove_subscriber(topic_index topic, std::uint32_t seat);
  void leave_topic(topic_index topic);
  void ask_writer(topic_index topic, class_mask classes);
  void finish(pending_subscribe& wish);
  bool roll_back_unwritten(pending_subscribe& wish);
  void refuse(topic_index topic, const listen_refusal& why);
  void roll_back(pending_subscribe& wish);
  bool send_snapshot(topic_index topic, subscriber& to);

  void start(fan_out job);
  bool advance(fan_out& job);
  void look_ahead(const local_topic& of, std::size_t next) const noexcept;
  void go_on();
  void end_fan_out(topic_index topic);
  void fall_behind(subscriber& who, topic_index topic, std::uint64_t first_missed);
  subscriber* find_subscriber(topic_index topic, std::uint32_t seat);

  std::uint64_t ticket(topic_index topic) const noexcept;
  topic_slot* by_ticket(std::uint64_t ticket, topic_index& topic) noexcept;
  void ask_again();
  const feed_entry* feed(std::uint16_t id);

  engine& engine_;
  std::uint32_t shard_;
  const shard_clients& all_;
  broadcaster_counters& counters_;
  writers writers_;
  std::vector<topic_slot> slots_;
  std::vector<topic_index> free_slots_;
  std::unordered_map<std::string, topic_index> by_name_;
  std::vector<client_seat> seats_;
  std::vector<std::uint32_t> free_seats_;
  std::deque<fan_out> fan_outs_;
  bool going_on_ = false;
  std::vector<const feed_entry*> feeds_;
  bool asking_again_ = false;
  std::size_t unwritten_ = 0;  ///< topics that are known and that nobody has written
};

}  // namespace tickcast::actors
