#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "actors/users/messages.hpp"

namespace tickcast::actors {

/// Takes what clients send to backends and plugins.
using call_taker_actor = caf::typed_actor<caf::reacts_to<client_call>>;

/// Which types of client messages somebody has claimed, and who takes them. Any thread.
class claim_board {
public:
  /// Types that may be claimed.
  static constexpr std::size_t most = 10'000;

  /// `owner` names who it is, for people; who claims again changes the taker. The owner that has it, or
  /// nothing: it is ours now.
  std::optional<std::string> claim(const std::string& type, const std::string& owner, call_taker_actor taker);
  /// The owner's claim of this type ends.
  void release(const std::string& type, const std::string& owner);
  /// Null: nobody.
  call_taker_actor find(std::string_view type) const;

  struct entry {
    std::string type;
    std::string owner;
  };
  std::vector<entry> all() const;
  /// Drops all handles.
  void clear();

private:
  struct claimed {
    std::string owner;
    call_taker_actor taker;
  };
  mutable std::shared_mutex mutex_;
  std::map<std::string, claimed, std::less<>> by_type_;
};

}  // namespace tickcast::actors
