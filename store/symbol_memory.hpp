#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/amendments.hpp"
#include "store/bar_series.hpp"
#include "store/condition.hpp"
#include "store/keys.hpp"
#include "store/tick_series.hpp"
#include "store/tier.hpp"

namespace tickcast::store {

/// All that is in memory of one symbol.
///
/// Thread: changed only by who holds core::writing, and then under `mutex`; read by anybody under `mutex`, by
/// who holds core::writing without it. The fields after `writer's own` belong to who holds core::writing.
struct symbol_memory {
  symbol_memory(symbol_id number, std::string_view text) : id(number), name(text) {}

  const symbol_id id;
  const std::string name;

  mutable std::mutex mutex;
  tick_series<protocol::trade> trades;
  tick_series<protocol::quote> quotes;
  std::map<std::string, bar_series, std::less<>> bars;  ///< by interval
  shared_amendments amended;
  std::array<std::vector<hole>, 3> holes;  ///< by data_kind, in the order they were made

  // The writer's own.
  std::vector<std::pair<std::string, amendment>> new_amendments;
  bool has_checkpoint = false;
  std::uint64_t checkpoint_position = 0;
  std::uint64_t uncovered_from = 0;  ///< the first journal record with a row after the checkpoint; 0: none
  bool is_broken = false;            ///< rows after that checkpoint were lost

  template <class Row>
  tick_series<Row>& ticks() noexcept {
    if constexpr (std::is_same_v<Row, protocol::trade>)
      return trades;
    else
      return quotes;
  }
  template <class Row>
  const tick_series<Row>& ticks() const noexcept {
    return const_cast<symbol_memory*>(this)->ticks<Row>();
  }
};

/// Symbols by name. They are only ever added, and stay where they are.
///
/// Thread: any; adding belongs to who holds core::writing.
class symbol_directory {
public:
  symbol_memory* find(std::string_view name) const;
  /// `id` 0: the next one that is free.
  symbol_memory& find_or_add(std::string_view name, symbol_id id = 0);
  /// Null when there is none.
  symbol_memory* by_id(symbol_id id) const;
  /// Ids run from 1 up to this one.
  symbol_id last_id() const;
  /// All of them, by id.
  std::vector<symbol_memory*> all() const;

private:
  mutable std::shared_mutex mutex_;
  std::vector<std::unique_ptr<symbol_memory>> by_id_;  // place 0 and ids that are not given are null
  std::unordered_map<std::string_view, symbol_memory*> by_name_;
};

/// Adds a hole to those of a symbol: to one that it touches, else as a new one; of more than a thousand the
/// two oldest become one.
void add_hole(std::vector<hole>& to, const hole& made);

}  // namespace tickcast::store
