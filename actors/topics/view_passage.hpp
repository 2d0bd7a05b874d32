#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "actors/topics/topic_view.hpp"

namespace tickcast::actors {

/// Where a topic stood when somebody looked.
struct topic_sight {
  std::string epoch;  ///< empty: nobody has written the topic
  std::uint64_t seq = 0;
  std::shared_ptr<const topic_view> view;  ///< null: nobody has written the topic
};

/// Travels with a look at a topic and comes back exactly once: with what was seen, or with nothing when no
/// dispatcher took the question because it was just being restarted. `back` runs on whatever thread has the
/// answer, most often a shard: it hands on and returns.
class view_passage {
public:
  using taker = std::function<void(std::optional<topic_sight>)>;

  explicit view_passage(taker back) : back_(std::move(back)) {}
  view_passage(const view_passage&) = delete;
  view_passage& operator=(const view_passage&) = delete;
  ~view_passage() {
    if (back_) back_(std::nullopt);
  }

  void answer(topic_sight seen) { std::exchange(back_, nullptr)(std::move(seen)); }

private:
  taker back_;
};

}  // namespace tickcast::actors
