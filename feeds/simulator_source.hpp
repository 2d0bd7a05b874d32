#pragma once
#include <cstdint>
#include <string>

#include "feeds/feed_clock.hpp"
#include "feeds/simulated_market.hpp"
#include "feeds/source.hpp"

namespace tickcast::feeds {

/// Plays a simulated market in real time. Times are the wall clock's when an event goes out, and never run
/// back. After a pause of more than a second (a suspended machine, no credit) the market goes on from now, so
/// that nothing is sent in a heap; the events themselves stay the same. The next run goes on in the same
/// market. Thread: the feed's own.
class simulator_source final : public source {
public:
  /// `clock` outlives the source.
  simulator_source(std::vector<simulated_instrument> instruments, std::uint64_t seed, feed_clock& clock);

  void open() override {}
  void run(const stop_signal& stop, feed_out& out) override;
  std::string endpoint() const override;

private:
  void send(simulated_event&& event, protocol::feed_sink& sink);

  feed_clock& clock_;
  simulated_market market_;
  std::uint64_t seed_;
  std::uint64_t ids_from_;  ///< trades of a later life have higher ids
  simulated_event next_;
  std::int64_t last_time_ns_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace tickcast::feeds
