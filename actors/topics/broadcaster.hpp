#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "actors/actors.hpp"
#include "actors/clients/shard_clients.hpp"
#include "actors/runtime/hosted.hpp"
#include "actors/runtime/latency_histogram.hpp"
#include "actors/topics/delay_line.hpp"
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
  std::atomic<std::uint64_t> recovered{0};               ///< subscriptions that went on without a snapshot
  std::atomic<std::uint64_t> delayed_waiting{0};         ///< updates that are not due yet
  std::atomic<std::uint64_t> delayed_dropped{0};         ///< those that had to go before they were
  std::atomic<std::uint64_t> patterns{0};                ///< that somebody listens by
  std::atomic<std::uint64_t> pattern_topics_refused{0};  ///< beyond limits.pattern_topics
  latency_histogram tick_to_queue;                       ///< from the feed's hand-over to the clients' queues
  /// From a trade's or quote's own time to the clients' queues, by the clocks of this machine and the venue.
  age_histogram message_age;
  std::atomic<std::uint64_t> ages_left_out{0};  ///< too far from now to be live
};

/// Fans updates out to the clients of one shard (see actors.hpp).
class broadcaster final : public hosted<broadcaster_actor::base> {
public:
  /// Updates of all topics of a shard that are late and not due yet.
  static constexpr std::size_t most_delayed = 1'000'000;
  /// How often what is due is looked for.
  static constexpr std::chrono::milliseconds delay_grain{100};
  /// Patterns of one connection.
  static constexpr std::size_t most_patterns = 64;

  broadcaster(caf::actor_config& cfg, host& where, engine& parts, std::uint32_t shard,
              const shard_clients& all, broadcaster_counters& counters);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(description& to) override;

private:
  using topic_index = std::uint32_t;
  static constexpr topic_index no_topic = local_topic::no_base;
  /// The topics that each pattern of a command matched, but for those that the client had.
  using pattern_matches = std::vector<std::pair<std::string, std::vector<std::string>>>;

  /// What a client has by patterns.
  struct pattern_seat {
    std::vector<std::string> patterns;
    std::unordered_set<topic_index> topics;  ///< that it has by one of them alone
    bool told_limit = false;
  };
  /// One client. A seat that is free has no `who`.
  struct client_seat {
    caf::strong_actor_ptr keep;
    connection* who = nullptr;
    std::vector<topic_index> topics;
    /// Topics on which the client is behind, and the first seq it has not got.
    std::vector<std::pair<topic_index, std::uint64_t>> behind;
    std::unique_ptr<pattern_seat> by_pattern{};
    std::vector<std::string> given{};  ///< topics that a backend has subscribed it to
  };
  /// A subscribe command that waits until all its topics' positions are known.
  struct pending_subscribe {
    caf::strong_actor_ptr keep;
    connection* who;
    std::uint64_t id;
    std::vector<std::uint64_t> topics;  ///< their tickets
    std::size_t missing;
    bool refused = false;
    std::vector<std::optional<protocol::last_seen>> seen{};  ///< by topic; empty: none
    pattern_matches matches{};
  };
  /// A pattern that clients of this shard listen by.
  struct pattern_watch {
    protocol::topic_pattern pattern;
    std::uint64_t ticket = 0;    ///< of the question what there is
    std::size_t unanswered = 0;  ///< writers that have not told all yet
    std::set<std::string> names{};
    std::vector<std::uint32_t> seats{};
    std::vector<std::shared_ptr<const subscribe>> waiting{};  ///< commands, until all is told
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
  void note_presence(const local_topic& of, const connection& who, const caf::strong_actor_ptr& handle,
                     bool came);
  void tell_all_presence();
  void on_unsubscribe(const unsubscribe& wish);
  void on_drained(connection& who);
  void on_left(connection& who);

  void subscribe_to(const subscribe& wish, pattern_matches matches);
  topic_index take_in(const std::shared_ptr<pending_subscribe>& pending, const std::string& name,
                      const access::topic_form& form);
  void reply(const pending_subscribe& wish);
  static const protocol::last_seen* seen_of(const pending_subscribe& wish, std::size_t index);
  void begin(topic_index topic, subscriber& to, const protocol::last_seen* seen);
  void tell_gap(const subscriber& to, topic_index topic, std::uint64_t from, std::uint64_t end);
  bool refuse_subscribe(const subscribe& wish);
  std::uint32_t seat_of(const subscribe& wish);
  topic_index open_topic(const std::string& name, const access::topic_form& form = {});
  void add_subscriber(topic_index topic, std::uint32_t seat, protocol::encoding as);
  void remove_subscriber(topic_index topic, std::uint32_t seat);
  topic_index new_slot();
  topic_index held(std::uint32_t seat, const std::string& name) const;
  void leave_if_unused(topic_index topic);
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

  topic_index open_variant(topic_index base, const access::topic_form& form);
  void leave_variant(topic_index topic);
  void pass_update(topic_index base, const update& what, const std::shared_ptr<const void>& credit);
  void pass_position(topic_index base, bool moved);
  attached position_of(topic_index topic) const;
  void put_late(topic_index topic, std::shared_ptr<const update> what,
                std::shared_ptr<const attached> position);
  void look_for_due();
  void release_due(topic_index topic, host::clock::time_point now);
  void release(topic_index topic, const update& what);
  void count_late();

  void on_known(const topics_known& known);
  bool refuse_patterns(const subscribe& wish);
  void open_patterns(const subscribe& wish);
  void ask_pattern(pattern_watch& which);
  void ask_patterns_again();
  void expand(const std::shared_ptr<const subscribe>& kept);
  bool subscribe_to_matches(const subscribe& wish);
  pattern_matches match(const subscribe& wish) const;
  std::optional<access::topic_form> granted(const connection& who, const std::string& name) const;
  void join_later(std::uint32_t seat, const std::string& name);
  bool leave_patterns(const unsubscribe& wish, std::vector<topic_index>& leaving);
  void close_pattern(std::uint32_t seat, const std::string& pattern);
  void close_patterns(std::uint32_t seat);
  void forget_if_unused(const std::string& pattern);

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
  std::vector<topic_index> late_topics_;
  std::size_t late_updates_ = 0;
  bool looks_for_due_ = false;
  std::map<std::string, pattern_watch> patterns_;
  std::uint64_t last_watch_ = 0;
  std::size_t unwritten_ = 0;  ///< topics that are known and that nobody has written
};

}  // namespace tickcast::actors
