#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "store/core.hpp"
#include "store/intake.hpp"
#include "store/lane.hpp"
#include "store/outbox.hpp"

namespace tickcast::store {

/// Drains all lanes every so often, brings what they hold into memory, and writes it to the database as one.
///
/// Thread: its own, or turn() by its owner; what others may call says so.
class writer {
public:
  using answer = std::function<void(const protocol::expected<void>&)>;

  writer(core& of, outbox& way) : core_(of), outbox_(way), intake_(of), flush_(of.with.flush) {}
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  /// Opens the database; when that fails turn() goes on trying.
  void open();
  void start();
  /// One flush.
  void turn();
  /// Ends the thread, writes everything and finishes all blocks. Error: storage.
  protocol::expected<void> close();

  // Any thread.

  std::shared_ptr<lane> open_lane();
  void sync(answer when, bool to_disk);
  void set_flush(std::chrono::milliseconds every);
  std::uint64_t waiting_bytes() const;
  std::uint64_t dropped_rows() const;

private:
  struct waiting_sync {
    answer when;
    bool to_disk;
  };
  void run(const std::stop_token& stop);
  void ring();
  void try_open();
  void move_in_some();
  template <class Row>
  bool move_in(const symbol_memory& from);
  protocol::expected<void> flush(bool to_disk, bool last);
  void trim_journal(change& into, bool all);
  void give_memory_back();
  void drop(const core::unit& which);
  void judge(const protocol::expected<void>& outcome, std::int64_t took_us, bool half_full);

  core& core_;
  outbox& outbox_;
  intake intake_;
  std::vector<intake::source> sources_;  // as far as the writer knows them
  // Memory from before the database could be opened; one symbol after the other is merged into it.
  std::shared_ptr<symbol_directory> to_move_;
  std::deque<symbol_memory*> left_to_move_;
  std::int64_t open_again_ns_ = 0;
  bool tried_ = false;

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable wake_;
  std::vector<std::shared_ptr<lane>> lanes_;
  std::vector<waiting_sync> syncs_;
  std::chrono::milliseconds flush_;
  bool rung_ = false;
  bool closed_ = false;

  std::jthread thread_;
};

}  // namespace tickcast::store
