#pragma once
#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/actors.hpp"
#include "actors/topics/switchboard.hpp"

namespace tickcast::actors {

/// Wishes for topics that nobody has written yet, by topic, one a post. Posts bound it
/// (limits.waiting_topics each).
class waiting_list {
public:
  /// Enters, changes or (no classes) removes a post's wish; tells the post that the topic is unwritten.
  void enter(const listen& wish, const switchboard::lines& lines);
  /// The wishes for a topic that has come to be; they wait no longer.
  std::vector<listen> take(const std::string& topic);
  std::size_t size() const noexcept { return wishes_.size(); }
  bool empty() const noexcept { return wishes_.empty(); }

private:
  std::unordered_map<std::string, std::vector<listen>> wishes_;
};

}  // namespace tickcast::actors
