#pragma once
#include <gtest/gtest.h>

#include <caf/scheduler/test_coordinator.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "actors/clients/shard_room.hpp"
#include "actors/topics/directory.hpp"
#include "actors/topics/engine.hpp"
#include "actors/topics/feed_port.hpp"
#include "tests/support/virtual_host.hpp"

namespace tickcast::tests {

using nlohmann::json;

/// A client that keeps what it is sent; `budget` is what it takes before it says over_budget.
class recording_client final : public actors::client_link {
public:
  actors::sent append(const protocol::frame_ptr& frame) noexcept override;
  actors::sent answer(const protocol::frame_ptr& frame) noexcept override;
  std::size_t queued_bytes() const noexcept override { return queued; }
  void close(protocol::close_code code) noexcept override { closed = code; }
  void close(std::uint16_t code, std::string_view) noexcept override {
    closed = static_cast<protocol::close_code>(code);
  }

  /// Reads everything that waits, as a socket that drains.
  void drain();
  void say(const json& command);
  void say_raw(std::string text) { hold.receive(std::move(text)); }
  /// Frames of a type, in order; all when empty.
  std::vector<json> got(const std::string& type = {}) const;
  std::vector<std::uint64_t> seqs(const std::string& topic) const;

  actors::connection_hold hold;
  protocol::encoding encoding = protocol::encoding::json;
  std::vector<json> frames;
  std::size_t queued = 0;
  std::size_t budget = SIZE_MAX;
  bool refused = false;
  std::optional<protocol::close_code> closed;

private:
  void keep(const protocol::frame_ptr& frame);
};

/// An engine on the test's own thread: CAF's test scheduler, hosts with virtual clocks, real actors
/// throughout.
class world : public testing::Test {
protected:
  explicit world(std::uint32_t shards = 2, std::function<void(config::config&)> change = {});
  ~world() override;

  /// Runs everything until nothing is left to do.
  void settle();
  void advance(std::chrono::milliseconds by);
  recording_client& join(std::uint32_t shard, protocol::encoding as = protocol::encoding::json);
  /// Subscribes and settles; the reply is in the client's frames.
  recording_client& join(std::uint32_t shard, const std::vector<std::string>& topics,
                         protocol::encoding as = protocol::encoding::json);
  actors::feed_port& feed(const std::string& name, int priority = 0, std::size_t most_in_flight = 65536);
  /// A trade of `symbol` at `second`, sent and settled.
  void trade(actors::feed_port& from, const std::string& symbol, std::int64_t second,
             const std::string& price, const std::string& size = "1", std::uint64_t id = 0);
  void restart_dispatcher(std::uint32_t shard);
  void restart_broadcaster(std::uint32_t shard);

  struct test_config : caf::actor_system_config {
    test_config() { set("scheduler.policy", caf::atom("testing")); }
  };
  test_config caf_config_;
  std::unique_ptr<actors::engine> engine_;
  caf::actor_system system_{caf_config_};
  caf::scheduler::test_coordinator& scheduler_;
  std::vector<std::unique_ptr<virtual_host>> hosts_;
  std::vector<std::unique_ptr<actors::shard_room>> rooms_;
  std::vector<caf::actor> dispatchers_, broadcasters_;
  actors::directory_counters directory_counters_;
  actors::directory_actor directory_;
  std::vector<std::unique_ptr<actors::feed_port>> ports_;
  std::vector<std::unique_ptr<recording_client>> clients_;
  std::uint64_t last_id_ = 0;
};

protocol::decimal operator""_d(const char* text, std::size_t size);
protocol::trade make_trade(std::int64_t second, const std::string& price, const std::string& size = "1",
                           std::uint64_t id = 0);

}  // namespace tickcast::tests
