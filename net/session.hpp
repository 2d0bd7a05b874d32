#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "net/asio.hpp"
#include "net/census.hpp"
#include "protocol/codes.hpp"

namespace tickcast::net {

/// One client connection in one of its lives, HTTP or WebSocket, as the shard's sweep and the server's stop
/// see it. Thread: the shard's.
class session : public shard_counted<session> {
public:
  using clock = std::chrono::steady_clock;

  virtual ~session() = default;
  /// Looks after time-outs, pings and memory; called at least once in session_list::pass_time().
  virtual void sweep(clock::time_point now) = 0;
  /// Ends in good order: `code` for WebSockets, an answer or an end of stream for HTTP.
  virtual void shut(protocol::close_code code) = 0;
  /// Ends at once.
  virtual void abort() = 0;
  /// Fills the row in. False: there is no client behind this session yet, or it is no WebSocket.
  virtual bool describe(connection_row&) { return false; }
  /// Closes the client whose connection actor has this id, with a code and reason of our choosing. False: it
  /// is another one.
  virtual bool kick(std::uint64_t, std::uint16_t, const std::string&) { return false; }

private:
  friend class session_list;
  std::size_t place_ = 0;
  std::uint64_t visited_ = 0;
};

using session_ptr = boost::intrusive_ptr<session>;

/// A shard's sessions, and the sweep over them: a slice each time, so that no turn meets all of them.
class session_list {
public:
  void add(session_ptr entry);
  /// The list's own reference goes; the caller holds another while it needs the session.
  void remove(session& entry);
  std::size_t size() const noexcept { return sessions_.size(); }
  bool empty() const noexcept { return sessions_.empty(); }
  /// Visits all that are there now, whatever they do to the list meanwhile.
  void each(const std::function<void(session&)>& visit);
  std::vector<session_ptr> all() const { return sessions_; }
  /// Visits at most `most` of those that are there now and were not visited in this `run`; returns how many.
  std::size_t some(std::size_t most, std::uint64_t run, const std::function<void(session&)>& visit);
  /// Sweeps the next `1 / slices` of the sessions.
  void sweep(session::clock::time_point now, std::size_t slices);

private:
  std::vector<session_ptr> sessions_;
  std::size_t cursor_ = 0;
};

}  // namespace tickcast::net
