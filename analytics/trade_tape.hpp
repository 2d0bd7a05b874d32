#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/byte_form.hpp"
#include "protocol/market.hpp"

namespace tickcast::analytics {

/// The last trades of a symbol in the order they came, with what has become of them: what bars are put
/// together from anew when a trade is cancelled or corrected. Trades are numbered from 0. Grows by doubling
/// to its bound.
///
/// Written at every trade, read seldom. A trade takes 40 bytes without a pointer and is written field by
/// field: nothing is read of what it replaces, which with thousands of symbols has left the caches. Ids that
/// are texts lie beside, for symbols that have some.
class trade_tape {
public:
  /// A trade as it stands now.
  struct entry {
    std::uint64_t number;
    std::int64_t time_ns;
    protocol::decimal price;
    protocol::decimal size;
    std::uint32_t left_out_of;  ///< bits: series of bars that it came too late for
    bool cancelled;
  };

  /// `bound`: trades kept; at least 1.
  explicit trade_tape(std::size_t bound) : bound_(bound) {}

  /// The number of the next trade: how many have come.
  std::uint64_t end() const noexcept { return pushed_; }
  /// The number of the oldest one kept.
  std::uint64_t begin() const noexcept { return pushed_ - first_ < bound_ ? first_ : pushed_ - bound_; }
  entry at(std::uint64_t number) const noexcept;

  /// Must come before `push`; may throw, and then nothing has changed.
  void make_room(const protocol::trade& next);
  void push(const protocol::trade& next, std::uint32_t left_out_of) noexcept;
  /// Asks for the memory that the next push will write.
  void prefetch() const noexcept {
    const auto* next = slots_.data() + index(pushed_);
    __builtin_prefetch(next, 1);
    __builtin_prefetch(reinterpret_cast<const char*>(next) + sizeof(slot) - 1, 1);
  }

  /// The newest trade of that id, cancelled or not.
  std::optional<std::uint64_t> find(const protocol::trade_id& id) const noexcept;
  void cancel(std::uint64_t number) noexcept;
  void correct(std::uint64_t number, protocol::decimal price, protocol::decimal size) noexcept;

  /// Gives each trade new bits for what it was left out of: `now(before)`.
  template <class F>
  void change_left_out(F&& now) {
    for (auto number = begin(); number != end(); ++number) {
      auto& bits = slots_[index(number)].left_out_of;
      bits = now(bits);
    }
  }

  /// The newest `most` that stand, oldest first.
  std::vector<protocol::trade> last(std::size_t most) const;

  void save(protocol::byte_writer& to) const;
  /// Takes the newest of what was saved where the bound has become smaller.
  void load(protocol::byte_reader& from);

private:
  struct slot {
    std::int64_t time_ns;
    std::int64_t price;
    std::int64_t size;
    std::uint64_t id_number;
    std::uint32_t left_out_of;
    std::uint8_t price_scale;
    std::uint8_t size_scale;
    protocol::side aggressor;
    std::uint8_t id_is;  ///< a trade_id::kind, and cancelled_bit
  };
  static_assert(sizeof(slot) == 40);
  static constexpr std::uint8_t cancelled_bit = 0x80;

  std::size_t index(std::uint64_t number) const noexcept { return number % bound_; }
  protocol::trade_id id_at(std::uint64_t number) const;
  protocol::trade trade_at(std::uint64_t number) const;

  std::vector<slot> slots_;  ///< trade number n stands in n % bound
  std::uint64_t pushed_ = 0;
  std::uint64_t first_ = 0;  ///< what is older was not saved
  std::size_t bound_;
  /// By place of the trade; empty until one has text.
  std::vector<std::shared_ptr<const std::string>> texts_;
};

}  // namespace tickcast::analytics
