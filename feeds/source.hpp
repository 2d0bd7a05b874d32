#pragma once
#include <stdexcept>
#include <string>

#include "feeds/stop_signal.hpp"
#include "protocol/feed_message.hpp"

namespace tickcast::feeds {

/// A feed cannot go on or cannot begin. The text says what is wrong and what to do about it.
class feed_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Where a source puts what it has read: actors::feed_port in the engine, a recorder in tests.
/// Thread: the source's own.
class feed_out {
public:
  virtual ~feed_out() = default;
  virtual protocol::feed_sink& sink() = 0;
  /// Sends what has gathered on its way. Call it before every sleep and at least every few thousand ticks.
  virtual void flush() = 0;
  /// False: the engine holds as much of this feed as it may. Read nothing until credit_fd() is readable.
  virtual bool may_read() = 0;
  /// Readable when credit has come back after may_read() said no.
  virtual int credit_fd() const = 0;
};

/// feed_out over anything that has the members of actors::feed_port.
template <class Port>
class port_out final : public feed_out {
public:
  explicit port_out(Port& port) : port_(port) {}
  protocol::feed_sink& sink() override { return port_; }
  void flush() override { port_.flush(); }
  bool may_read() override { return port_.may_read(); }
  int credit_fd() const override { return port_.credit_fd(); }

private:
  Port& port_;
};

/// A blocking loop that brings market data or events in. The feed actor runs it on a std::jthread.
///
/// A source outlives its runs: what must not be lost between two of them (a socket with the messages that
/// wait in it, the position in a recording) stays in the source, so that a feed that failed goes on where it
/// was.
class source {
public:
  virtual ~source() = default;
  /// Acquires what can be missing or wrong (binds sockets, opens files), so that it is known before the feed
  /// starts. Throws feed_error. run() does it by itself when it was not done.
  virtual void open() = 0;
  /// Reads until `stop` is requested or nothing more will come (a recording's end). Throwing means the feed
  /// failed; run() may then be called again, on another thread too.
  virtual void run(const stop_signal& stop, feed_out& out) = 0;
  /// Reads nothing until `stop` is requested, in place of run() while the feed is suspended; what it has open
  /// stays open.
  virtual void rest(const stop_signal& stop) { wait_readable(stop.fd(), stop); }
  /// Where it reads from, with the port that was taken when any was asked for; empty before open().
  virtual std::string endpoint() const = 0;
};

}  // namespace tickcast::feeds
