#pragma once
#include <memory>
#include <vector>

#include "actors/actors.hpp"
#include "actors/topics/stream.hpp"
#include "actors/topics/switchboard.hpp"

namespace tickcast::actors {

/// Gathers the updates of one turn by shard and sends each broadcaster its share in one message.
class outbox final : public update_sink {
public:
  explicit outbox(std::size_t shards) : by_shard_(shards) {}

  void deliver(std::uint32_t shard, std::uint64_t ticket, std::shared_ptr<const update> what) override {
    auto& share = by_shard_[shard];
    if (!share) share = std::make_shared<std::vector<delivery>>();
    share->push_back({ticket, std::move(what)});
  }

  /// `credit` goes with every share.
  void send(const switchboard::lines& lines, const std::shared_ptr<const void>& credit = nullptr) {
    for (std::size_t shard = 0; shard < by_shard_.size(); ++shard)
      if (auto share = std::move(by_shard_[shard])) {
        by_shard_[shard] = nullptr;
        tell(lines.broadcasters[shard], updates{std::move(share), credit});
      }
  }

private:
  std::vector<std::shared_ptr<std::vector<delivery>>> by_shard_;
};

}  // namespace tickcast::actors
