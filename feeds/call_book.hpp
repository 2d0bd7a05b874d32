#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/users/errands.hpp"
#include "feeds/router_socket.hpp"
#include "protocol/frame.hpp"

namespace tickcast::feeds {

/// A process of a backend that has claimed types of client messages.
struct call_worker {
  routed_message way;  ///< how it is reached; its body is empty
  protocol::encoding as = protocol::encoding::json;
  std::string name;  ///< for people
  std::set<std::string, std::less<>> types;
  std::chrono::steady_clock::time_point heard;
  std::uint64_t open = 0;  ///< calls that it has and has not answered
};

/// Which worker has claimed what, and which calls are open. One thread.
class call_book {
public:
  using clock = std::chrono::steady_clock;

  /// Adds to what the worker has claimed; returns it.
  call_worker& claim(const routed_message& way, protocol::encoding as, std::string name,
                     const std::vector<std::string>& types, clock::time_point now);
  /// Takes types away, all where none is named. A worker without types is still one, until its lease ends.
  void unclaim(const std::string& peer, const std::vector<std::string>& types);
  void heard(const std::string& peer, clock::time_point now);
  void all_heard(clock::time_point now);
  /// Who takes this type for this user: the same worker each time, as long as it lives. When one comes or
  /// goes, only the users that are its own move (rendezvous hashing: Thaler and Ravishankar, 1998). Null:
  /// nobody.
  call_worker* choose(std::string_view type, std::string_view user);
  bool is_claimed(std::string_view type) const;

  /// Enters a call that the worker is about to get; returns its id.
  std::string open(call_worker& by, std::shared_ptr<actors::call_errand> back, clock::time_point due);
  /// Takes an open call of this worker off the book. Null: there is none, or another worker has it.
  std::shared_ptr<actors::call_errand> close(const std::string& peer, std::string_view id);
  /// Takes the worker off the book, with all calls it has.
  std::vector<std::shared_ptr<actors::call_errand>> lose(const std::string& peer);
  /// Workers not heard since.
  std::vector<std::string> silent_since(clock::time_point when) const;
  /// Takes off the book the calls that are due.
  std::vector<std::shared_ptr<actors::call_errand>> overdue(clock::time_point now);

  /// Types that somebody claims.
  std::set<std::string> types() const;
  std::size_t workers() const noexcept { return workers_.size(); }
  std::size_t open_calls() const noexcept { return calls_.size(); }

private:
  struct open_call {
    std::string peer;
    std::shared_ptr<actors::call_errand> back;
    clock::time_point due;
  };
  void closed_one(const std::string& peer);

  std::map<std::string, call_worker, std::less<>> workers_;
  std::unordered_map<std::uint64_t, open_call> calls_;
  std::multimap<clock::time_point, std::uint64_t> by_due_;
  std::uint64_t last_ = 0;
};

}  // namespace tickcast::feeds
