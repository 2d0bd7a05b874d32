#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <unordered_map>

#include "store/core.hpp"
#include "store/outbox.hpp"

namespace tickcast::store {

/// Retention: deletes from the database what is older, or more, than is to be kept (settings.hpp), a few
/// blocks at a time; core::writing is held for those alone.
///
/// Thread: one, without core::writing.
class cleaner {
public:
  cleaner(core& of, outbox& way) : core_(of), outbox_(way) {}

  /// One round over all symbols. Error: storage; the rest stays for the next round.
  protocol::expected<void> run();

private:
  struct piece {
    bool more = false;
    bool deleted = false;
    std::int64_t next_ns = std::numeric_limits<std::int64_t>::max();  ///< what is left goes from then on
  };
  template <class Row>
  protocol::expected<void> by_age();
  template <class Row>
  protocol::expected<void> by_size();
  template <class Row>
  protocol::expected<piece> delete_ticks(symbol_memory& symbol, std::int64_t before_ns, std::size_t most);
  template <class Row>
  std::int64_t oldest_left(const symbol_memory& symbol, const database& db) const;
  protocol::expected<void> bars_by_age();
  protocol::expected<void> bars_by_size();
  protocol::expected<piece> delete_bars(symbol_memory& symbol, const std::string& interval,
                                        bar_series& series, std::int64_t before_ns, std::size_t most);
  void forget_amendments(symbol_memory& symbol, std::int64_t before_ns, change& into);
  /// From when on rows are kept whose newest has this time.
  std::int64_t cutoff(std::int64_t newest_ns, std::int64_t written_ns, std::int64_t days) const;

  core& core_;
  outbox& outbox_;
  std::int64_t bars_again_ns_ = std::numeric_limits<std::int64_t>::min();
  std::shared_ptr<symbol_directory> of_;                          // whose series are in due_ns_
  std::unordered_map<const series_state*, std::int64_t> due_ns_;  // by age nothing is to be done before
};

}  // namespace tickcast::store
