#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
#include <zmq.hpp>

#include "feeds/stop_signal.hpp"

namespace tickcast::feeds {

/// Answers libzmq's question whether a client's CURVE key may connect (ZAP, https://rfc.zeromq.org/spec/27),
/// for all sockets of one context. libzmq lets everybody in while nobody answers, so a socket with a list of
/// keys is opened after its gate and closed before it: sources hold the gate by shared_ptr.
///
/// Thread: its own; all members from any. One gate a context.
class curve_gate {
public:
  /// Throws feed_error when the context has a gate already.
  explicit curve_gate(zmq::context_t& context);
  ~curve_gate();
  curve_gate(const curve_gate&) = delete;
  curve_gate& operator=(const curve_gate&) = delete;

  /// From now on a socket whose ZAP domain is `domain` takes exactly these public keys (Z85).
  void allow(const std::string& domain, const std::vector<std::string>& keys);
  /// The same for a domain that is known, and a list that is not empty; who is connected stays. False:
  /// nothing was changed.
  bool renew(const std::string& domain, const std::vector<std::string>& keys);
  /// Clients turned away so far.
  std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

private:
  void answer_until_stopped();
  void answer_one();
  bool may_enter(const std::string& domain, std::string_view mechanism, const std::string& key);

  zmq::socket_t socket_;
  std::mutex mutex_;
  std::map<std::string, std::set<std::string>> allowed_;  // guarded by mutex_
  std::atomic<std::uint64_t> refused_{0};
  stop_signal stop_;
  std::thread thread_;
};

}  // namespace tickcast::feeds
