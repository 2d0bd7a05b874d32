#pragma once
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tickcast::actors {

/// What the console shows of the topics, gathered from those who know: writers say where they stand,
/// broadcasters how many listen. Thread-safe. Whoever waits for it holds a `ticket`; the report is complete
/// when all messages that carry it are gone.
class topic_report {
public:
  struct feed_line {
    std::string name;
    std::string state;
  };
  struct line {
    std::string topic;
    std::string epoch;
    std::uint64_t seq = 0;
    int shard = -1;  ///< -1: on the workers
    feed_line feed;
    std::uint64_t subscribers = 0;
  };

  void add_topic(line what) {
    std::lock_guard guard{mutex_};
    auto& mine = lines_[what.topic];
    what.subscribers = mine.subscribers;
    mine = std::move(what);
  }
  void add_subscribers(const std::string& topic, std::uint64_t count) {
    std::lock_guard guard{mutex_};
    auto& mine = lines_[topic];
    mine.topic = topic;
    mine.subscribers += count;
  }
  std::vector<line> lines() const {
    std::lock_guard guard{mutex_};
    std::vector<line> result;
    for (const auto& [topic, each] : lines_) result.push_back(each);
    return result;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, line> lines_;
};

}  // namespace tickcast::actors
