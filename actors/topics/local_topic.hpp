#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "access/rules.hpp"
#include "actors/topics/delay_line.hpp"
#include "actors/topics/feed_board.hpp"
#include "actors/topics/topic_view.hpp"
#include "protocol/topic.hpp"

namespace tickcast::actors {

/// How a subscriber stands with one topic.
enum class standing : std::uint8_t {
  joining,  ///< its reply is not out yet; the snapshot will have what it does not get now
  live,
  quiet,  ///< behind: gets nothing until its queue has drained, then a gap and a snapshot
  gone,   ///< left while a fan-out was under way; swept up after it
};

/// One subscription; 12 bytes, for there are many.
struct subscriber {
  std::uint32_t seat;
  std::uint32_t live_from;  ///< low half of the first seq it is to get; its snapshot has all before
  protocol::encoding as;
  standing is;

  bool wants(std::uint64_t seq) const noexcept {
    return is == standing::live &&
           static_cast<std::int32_t>(static_cast<std::uint32_t>(seq) - live_from) >= 0;
  }
};

/// A topic as one broadcaster knows it: the current value, so that the next subscriber gets its snapshot
/// without leaving the shard, and who listens here.
///
/// Whoever does not get a topic in full listens to a variant of it: a topic of its own here, fed by the one
/// that the writer feeds. A variant has the same name, epochs and counts.
class local_topic {
public:
  static constexpr std::uint32_t no_base = 0xffffffff;

  /// `mask`: of `form`, null where that has none; outlives the topic.
  local_topic(std::string name, const protocol::topic_name& parsed, access::topic_form form = {},
              const protocol::field_mask* mask = nullptr);

  const std::string& name() const noexcept { return name_; }
  const access::topic_form& form() const noexcept { return form_; }
  /// Whether the writer has said where the topic stands.
  bool known() const noexcept { return known_; }
  /// Known, and nobody has written it yet. One that comes late is never said to be.
  bool unwritten() const noexcept { return epoch_.empty() && form_.delay_ms == 0; }
  const std::string& epoch() const noexcept { return epoch_; }
  std::uint64_t seq() const noexcept { return seq_; }

  /// Takes over where the writer says the topic stands. True when clients must be told: the count does not go
  /// on from what they have.
  bool take_position(const std::string& epoch, std::uint64_t seq, const topic_view* view, bool quarantined,
                     bool symbol_stale);
  void set_feed(const feed_entry* feed) noexcept { feed_ = feed; }
  const feed_entry* feed() const noexcept { return feed_; }
  const topic_view& view() const noexcept { return view_; }
  bool quarantined() const noexcept { return quarantined_; }
  bool symbol_stale() const noexcept { return symbol_stale_; }
  /// Brings the value up to date. False: an update from before the position, to be left out.
  bool take_update(const update& what);
  /// The snapshot of now; kept until the topic or a feed's state moves on.
  const protocol::frame_ptr& snapshot(protocol::encoding as, std::uint64_t board_version);
  /// An update's frame as the subscribers of this topic get it.
  protocol::frame_ptr encode_update(protocol::encoding as, std::uint64_t seq,
                                    const topic_change& change) const;
  /// The update as its subscribers get it, encoded for those it has; for variants.
  std::shared_ptr<const update> as_variant(const update& what) const;
  /// What came behind `seen`; null: not all of it is kept, or it is another count.
  const std::deque<kept_event>* missed_since(const protocol::last_seen& seen) const noexcept;

  std::vector<subscriber> subscribers;
  bool has_presence = false;              ///< who comes and goes is told
  std::size_t fan_outs = 0;               ///< under way over `subscribers`, which therefore must not shrink
  bool swept = true;                      ///< no `gone` among the subscribers
  class_mask asked = 0;                   ///< encodings asked of the writer
  std::vector<std::uint32_t> variants{};  ///< fed by this one, by index
  std::uint32_t base = no_base;           ///< of a variant: what feeds it
  std::unique_ptr<delay_line> late{};     ///< of a variant that comes late: what is not due yet

  /// Encodings that the subscribers need.
  class_mask needed() const noexcept;

private:
  void forget_snapshots() noexcept { snapshots_ = {}; }

  std::string name_;
  access::topic_form form_;
  const protocol::field_mask* mask_;
  bool known_ = false;
  bool quarantined_ = false;
  bool symbol_stale_ = false;
  std::string epoch_;
  std::uint64_t seq_ = 0;
  const feed_entry* feed_ = nullptr;
  topic_view view_;
  std::array<protocol::frame_ptr, protocol::encoding_count> snapshots_;
  std::uint64_t board_version_ = 0;
};

}  // namespace tickcast::actors
