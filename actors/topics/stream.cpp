#include "actors/topics/stream.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>

namespace tickcast::actors {

std::string make_epoch() {
  static std::atomic<std::uint64_t> last{0};
  const auto now = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                                  std::chrono::system_clock::now().time_since_epoch())
                                                  .count());
  auto before = last.load();
  std::uint64_t mine;
  do mine = std::max(before + 1, now);
  while (!last.compare_exchange_weak(before, mine));
  char text[16];
  const auto end = std::to_chars(text, text + sizeof text, mine, 36).ptr;
  return {text, end};
}

void stream::set_listener(const listener& who) {
  std::erase_if(listeners_, [&](const listener& each) { return each.post == who.post; });
  if (who.classes != 0) listeners_.push_back(who);
  classes_ = 0;
  for (const auto& each : listeners_) classes_ |= each.classes;
}

std::shared_ptr<const update> stream::prepare(topic_change&& change, std::uint16_t feed,
                                              std::int64_t taken_ns, std::uint64_t ahead,
                                              std::uint64_t origin) const {
  if (classes_ == 0) return nullptr;
  auto result = std::make_shared<update>();
  result->seq = seq_ + 1 + ahead;
  result->feed = feed;
  result->taken_ns = taken_ns;
  result->origin = origin;
  result->change = std::move(change);
  for (std::size_t i = 0; i < protocol::encoding_count; ++i) {
    const auto as = static_cast<protocol::encoding>(i);
    if (classes_ & class_bit(as)) result->frames[i] = encode(as, topic_, result->seq, result->change);
  }
  return result;
}

}  // namespace tickcast::actors
