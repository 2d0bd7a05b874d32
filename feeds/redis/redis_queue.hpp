#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/redis/queue_message.hpp"
#include "feeds/redis/redis_link.hpp"
#include "feeds/redis/result_box.hpp"

namespace tickcast::feeds {

/// Of one list. The bridge's thread writes, everybody reads.
struct redis_queue_counters {
  std::string list;
  std::atomic<std::uint64_t> taken{0};      ///< entries, left-overs included
  std::atomic<std::uint64_t> left_over{0};  ///< of them, found half done
  std::atomic<std::uint64_t> done{0};       ///< and out of the list of those that are worked on
  std::atomic<std::uint64_t> refused{0};    ///< moved to LIST:refused
  std::atomic<std::uint64_t> retries{0};    ///< commands that were tried again
  std::atomic<std::uint64_t> open{0};       ///< now being worked on
};

/// What a queue needs of who has it.
struct redis_queue_ways {
  /// Has a command carried out; the result comes to result().
  std::function<void(queued_command&&, std::uint64_t entry, std::size_t part)> carry_out;
  /// Takes a backend's answer.
  std::function<void(queued_answer&&)> answer;
  /// A message has come.
  std::function<void()> heard;
};

/// Reads one list of Redis. Entries are moved, in one step, to the list of those that are worked on, and
/// leave it when all they ask for is done; what Redis holds there and nobody works on is taken first, after
/// each (re)connection. So an entry is done at least once. What cannot be done is moved to LIST:refused.
///
/// While entries come, LMOVE goes out in batches on the common connection; while none come, a connection of
/// its own, the bell, blocks in a BLMOVE that changes nothing (from the list's head to its head).
///
/// At most most_open entries and most_bytes are worked on; the rest waits in Redis. One thread.
class redis_queue {
public:
  using clock = redis_link::clock;
  static constexpr std::size_t most_open = 512;
  static constexpr std::size_t most_bytes = std::size_t{32} << 20;
  static constexpr std::size_t batch = 128;
  static constexpr std::size_t most_refused = 1000;  ///< kept in LIST:refused
  /// A command that may go well later is tried again for so long.
  static constexpr std::chrono::seconds tries_for{60};

  /// `processing`: what follows the list's name. `commands`, `counters` outlive it.
  redis_queue(std::string list, const std::string& processing, const access::redis_address& where,
              redis_link& commands, redis_queue_ways ways, redis_queue_counters& counters);

  redis_link& bell() noexcept { return bell_; }
  /// The common connection is up; is gone.
  void begin();
  void lost();
  /// Asks for more, where there is room; finishes what is done and tries again what is due.
  void turn(clock::time_point now, bool fetching);
  void result(const part_result& what);
  /// When turn() is wanted at the latest.
  clock::time_point next(clock::time_point now) const noexcept;
  /// Nothing is under way, but for what waits to be tried again.
  bool quiet() const noexcept;

private:
  enum class stage : std::uint8_t {
    worked_on,
    done,     ///< and is to be taken out of the list of those that are worked on
    leaving,  ///< Redis has been told to
  };
  struct entry {
    std::string bytes;
    std::vector<std::string> parts;
    std::size_t under_way = 0;
    std::size_t waiting = 0;  ///< parts that are tried again later
    stage is = stage::worked_on;
    bool refused = false;
    clock::time_point since{};
    std::chrono::milliseconds back_off{100};
  };
  using entries = std::map<std::uint64_t, entry>;

  void recover();
  void take_left_over(const redisReply& list);
  void fetch();
  void wait_for_bell();
  void take(std::string_view bytes);
  void work_on(std::uint64_t id, std::size_t part);
  void refuse(entry& of, std::string_view why);
  void settle(entries::iterator which);
  void leave(std::uint64_t id);
  void left(std::uint64_t id, const redisReply* reply);
  bool failed(const redisReply* reply);
  void complain(std::string_view what);

  const std::string list_;
  const std::string processing_;
  const std::string refused_;
  redis_link& commands_;
  redis_queue_ways ways_;
  redis_queue_counters& counters_;
  redis_link bell_;

  clock::time_point now_{};
  clock::time_point pause_until_{};
  clock::time_point complained_{};
  std::uint64_t complaints_ = 0;  ///< since then
  bool recovered_ = false;
  bool recovering_ = false;
  bool empty_ = false;    ///< as far as we know
  bool ringing_ = false;  ///< the bell blocks
  std::size_t asked_ = 0;
  std::size_t bytes_ = 0;
  entries entries_;
  std::uint64_t last_ = 0;
  std::vector<std::uint64_t> done_;  ///< that are to leave
  std::multimap<clock::time_point, std::pair<std::uint64_t, std::size_t>> retries_;
};

}  // namespace tickcast::feeds
