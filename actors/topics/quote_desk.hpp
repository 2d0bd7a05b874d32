#pragma once
#include <atomic>
#include <chrono>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/actors.hpp"
#include "actors/runtime/hosted.hpp"
#include "actors/topics/engine.hpp"
#include "actors/topics/quote_window.hpp"
#include "actors/topics/writers.hpp"

namespace tickcast::actors {

/// Keeps the present figures of the symbols that are asked for on its shard. A listening post that takes the
/// value alone: for what HTTP asks, nobody encodes a frame at every tick.
class quote_desk final : public hosted<listener_actor::base> {
public:
  /// How long a symbol is listened to after the last question.
  static constexpr std::chrono::seconds keep_time{10};
  static constexpr std::chrono::seconds sweep_every{1};

  quote_desk(caf::actor_config& cfg, host& where, engine& parts, std::uint32_t shard, quote_window& window,
             std::atomic<std::uint64_t>& symbols);

  /// By the window, on the shard's thread.
  void open(const symbol& of, quote_window::taker then);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;
  void describe_to(description& to) override;

private:
  void on_updates(const updates& batch);
  void on_attached(const attached& where);
  static void take_change(symbol_figures& of, const topic_change& change);
  void ask(const symbol_figures& of, class_mask classes);
  void ask_successors();
  void answer_waiting(symbol_figures& of);
  void sweep();
  symbol_figures* by_ticket(std::uint64_t ticket, symbol_figures::part& which) noexcept;
  const feed_entry* feed(std::uint16_t id);

  engine& engine_;
  std::uint32_t shard_;
  quote_window& window_;
  std::atomic<std::uint64_t>& symbols_;
  writers writers_;
  std::unordered_map<std::uint32_t, symbol_figures*> by_generation_;
  std::vector<const feed_entry*> feeds_;
  bool asking_again_ = false;
};

}  // namespace tickcast::actors
