#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugins/kit/virtual_engine.hpp"
#include "store/history.hpp"

namespace tickcast::plugins {

struct backtest_options {
  std::int64_t from_ns = std::numeric_limits<std::int64_t>::min();  ///< default: the oldest row
  std::int64_t to_ns = std::numeric_limits<std::int64_t>::max();  ///< not included; default: the last row, a
                                                                  ///< bar's end included
  std::vector<std::string> symbols;                               ///< that are played; empty: all
};

struct backtest_summary {
  std::uint64_t trades = 0;
  std::uint64_t quotes = 0;
  std::uint64_t bars = 0;  ///< stored ones that were played; not those formed on the way
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;  ///< the virtual clock's last time
  bool interrupted = false;

  std::uint64_t rows() const noexcept { return trades + quotes + bars; }
};

/// Runs one plugin over kept history on a virtual clock. Of each topic that it subscribes to, the rows from
/// the virtual now on are played in the order of their times (of equal times: quotes, trades, bars; then by
/// symbol), piece by piece: memory does not grow with the range.
///
/// Bars of an interval that the engine forms are formed of the stored ticks, forming ones and all, from the
/// first stored tick to the last; the bar that lasts when it begins has its ticks from before, and bars of
/// ticks, volume and value are cut as in a run from the beginning. Where no ticks are, and of all other
/// intervals, the stored bars are played, each when its time is over.
class backtest {
public:
  /// `engine`: its begin_ns, kept and forms_on_demand are set here. Throws std::runtime_error as
  /// virtual_engine does, and when nothing is kept. `past` outlives it.
  backtest(const plugin_entry& entry, virtual_engine_options engine, virtual_engine_taps taps,
           const store::history& past, backtest_options options);
  ~backtest();

  /// Starts the plugin, plays, and stops it. `stop` is asked now and then. Throws what the plugin throws, and
  /// std::runtime_error for history that cannot be read.
  backtest_summary run(const std::function<bool()>& stop = {});
  /// As far as it came, also after an exception.
  const backtest_summary& so_far() const noexcept { return so_far_; }
  const vitals& seen() const { return engine_->seen(); }

private:
  class stream;
  template <class Row>
  class tick_stream;
  class bar_stream;

  void find_bounds();
  void wait_for_last_bars();
  void open_wanted();
  template <class Row>
  static std::string ticks_name(const std::string& symbol);
  template <class Row>
  void open_ticks(const std::string& symbol);
  void open_bars(const std::string& symbol, const std::string& interval);
  template <class Row>
  bool form(const std::string& symbol, const std::string& interval);
  template <class Row>
  void warm(const std::string& symbol, const std::string& interval, std::int64_t from_ns);
  void open_stored(const std::string& symbol, const std::string& interval, std::int64_t from_ns,
                   std::int64_t to_ns);
  void add(std::unique_ptr<stream> made);
  void play(const std::function<bool()>& stop);
  void tell_next();

  const store::history& past_;
  backtest_options options_;
  std::vector<std::string> intervals_;  ///< that are formed
  protocol::interval::source source_;
  std::vector<std::string> symbols_;
  std::unique_ptr<virtual_engine> engine_;
  std::vector<std::unique_ptr<stream>> streams_;
  std::map<std::string, const stream*> ticks_;  ///< by ticks_name()
  struct turn;
  std::vector<turn> next_;         // a heap
  std::vector<std::string> open_;  // topics, sorted
  std::uint64_t wishes_ = 0;
  backtest_summary so_far_;
};

}  // namespace tickcast::plugins
