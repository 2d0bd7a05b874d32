#pragma once
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/runtime/metrics.hpp"
#include "net/http_exchange.hpp"
#include "net/readers.hpp"

namespace tickcast::net {

class shared_reads;

/// One read under way, and all who wait for what it finds. Ends with answer(); when the last owner lets go of
/// it before that, everybody gets a 503. Any thread.
class shared_read {
public:
  shared_read(shared_reads& among, std::string key);
  shared_read(const shared_read&) = delete;
  shared_read& operator=(const shared_read&) = delete;
  ~shared_read();

  /// Tells all who wait; from now on the same question is a new read.
  void answer(const http_content_ptr& content);

private:
  friend class shared_reads;
  shared_reads& among_;
  const std::string key_;
  std::vector<http_reply> waiting_;  // guarded by among_.mutex_
  bool answered_ = false;            // guarded by among_.mutex_
};

/// Reads of history for HTTP: those who ask the same while a read is under way share it. What they get may so
/// be as old as that read, which is as long as one takes. Any thread; outlives its reads.
class shared_reads {
public:
  explicit shared_reads(readers& threads) : threads_(threads) {}

  /// Null: the same is being read already, and `reply` gets what that finds. Else the caller sees to the
  /// read.
  std::shared_ptr<shared_read> begin(std::string key, http_reply reply);
  /// Has a reader thread find the answer; 503 when none can take it.
  void run(std::shared_ptr<shared_read> read, std::function<http_content_ptr()> find);

  /// Any thread.
  void read_metrics(actors::metric_writer& to) const;

private:
  friend class shared_read;
  std::vector<http_reply> take_waiting(shared_read& of);

  readers& threads_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string_view, std::weak_ptr<shared_read>> under_way_;  // guarded by mutex_
  std::atomic<std::uint64_t> shared_{0};
  std::atomic<std::uint64_t> begun_{0};
  std::atomic<std::uint64_t> now_{0};
};

}  // namespace tickcast::net
