#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/actors.hpp"
#include "actors/runtime/restart_budget.hpp"
#include "actors/topics/quote_state.hpp"
#include "actors/topics/symbol_silence.hpp"

namespace tickcast::actors {

class quote_topic;

/// A symbol's place on its shard: the committed state, and the actor that is changing it now.
struct alignas(64) quote_place {
  quote_place(const symbol& of, const feed_entry& from, const bar_forms& forms,
              std::shared_ptr<const analytics::calendar> hours)
      : state(of, from, forms, std::move(hours)) {}

  bool quarantined = false;
  bool forming_listed = false;  ///< on the dispatcher's list of symbols with waiting bars
  quote_state state;
  quote_topic* topic = nullptr;  ///< null while in quarantine
  quote_topic_actor handle;
  restart_budget budget{{.intensity = 5, .period = std::chrono::seconds(10)}};
  std::uint64_t restarts = 0;
  std::uint64_t record = 0;  ///< in the restart history, while in quarantine
  std::chrono::steady_clock::time_point quarantined_until{};
  symbol_silence silence;

  /// Where one of its topics stands, for the post that listens with this ticket.
  attached position(const stream& of, std::uint64_t ticket) const {
    return {ticket,      state.epoch_of(of), of.seq(),          state.owner().id,
            quarantined, state.view(of),     silence.is_stale()};
  }
  /// Tells the lane the symbol's name, once and before its first row.
  void name_in(store::lane& to);
  /// Leaves a checkpoint in the lane; false: it has no room.
  bool keep_state(store::lane& to);
  std::uint64_t kept_position = 0;  ///< as of the last checkpoint
  std::chrono::steady_clock::time_point kept_at{};

private:
  bool named_ = false;  ///< in the lane
};

/// The quote topics' states of one shard. Belongs to the shard, not to the dispatcher, so that a dispatcher
/// that fails takes nothing with it. Shard's thread only.
class quote_table {
public:
  quote_place* find(std::uint32_t symbol_id) const noexcept {
    return symbol_id < places_.size() ? places_[symbol_id].get() : nullptr;
  }
  /// `from`: the feed that brings the first tick.
  quote_place& add(const symbol& of, const feed_entry& from, const bar_forms& forms,
                   std::shared_ptr<const analytics::calendar> hours);
  /// Adds a symbol as quote_place::keep_state left it; nullptr when that does not read. Its owner is entered
  /// on the board if it is not there yet.
  quote_place* restore(const symbol& of, std::string_view checkpoint, feed_board& feeds,
                       const bar_forms& forms, std::shared_ptr<const analytics::calendar> hours);
  /// Above every symbol id that may be found.
  std::uint32_t end_id() const noexcept { return static_cast<std::uint32_t>(places_.size()); }
  std::size_t size() const noexcept { return size_; }
  template <class F>
  void each(F&& f) {
    for (auto& place : places_)
      if (place) f(*place);
  }

private:
  std::vector<std::unique_ptr<quote_place>> places_;  ///< by symbol id
  std::size_t size_ = 0;
};

}  // namespace tickcast::actors
