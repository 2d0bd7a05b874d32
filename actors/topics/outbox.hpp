#pragma once
#include <memory>
#include <vector>

#include "actors/actors.hpp"
#include "actors/topics/stream.hpp"
#include "actors/topics/switchboard.hpp"

namespace tickcast::actors {

/// Gathers the updates of one turn by post and sends each its share in one message.
class outbox final : public update_sink {
public:
  explicit outbox(std::size_t posts) : by_post_(posts) {}

  void deliver(post_index post, std::uint64_t ticket, std::shared_ptr<const update> what) override {
    auto& share = by_post_[post];
    if (!share) share = std::make_shared<std::vector<delivery>>();
    share->push_back({ticket, std::move(what)});
  }

  /// `credit` goes with every share.
  void send(const switchboard::lines& lines, const std::shared_ptr<const void>& credit = nullptr) {
    for (std::size_t post = 0; post < by_post_.size(); ++post)
      if (auto share = std::move(by_post_[post])) {
        by_post_[post] = nullptr;
        tell(lines.posts[post], updates{std::move(share), credit});
      }
  }

private:
  std::vector<std::shared_ptr<std::vector<delivery>>> by_post_;
};

}  // namespace tickcast::actors
