#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <thread>

#include "actors/plugins/plugin_room.hpp"
#include "actors/runtime/system.hpp"
#include "actors/topics/directory.hpp"

namespace tickcast::actors {
namespace {

using namespace std::chrono_literals;

/// Real threads and a real library: an engine with a directory and no shards' actors.
class a_room : public testing::Test {
protected:
  a_room() {
    parts_ = std::make_unique<engine>(config::config{}, 1);
    directory_ = system_.spawn<directory>(std::ref(*parts_), std::ref(counters_));
    parts_->routes.set_directory(directory_);
    room_ = std::make_unique<plugin_room>(system_, *parts_,
                                          std::filesystem::temp_directory_path() / "tickcast-unit-room");
    root_ = room_->start();
  }
  ~a_room() override {
    end(root_);
    {
      caf::scoped_actor self{system_};
      self->wait_for(root_);
    }
    root_ = nullptr;
    end(directory_);
    directory_ = nullptr;
    parts_->routes.clear();
    room_.reset();
  }

  static config::plugin_section ill(const std::string& name, const std::string& does, int version = 1) {
    config::plugin_section result;
    result.name = name;
    result.library = std::string(TEST_PLUGINS) + "/ill_plugin_" + std::to_string(version) + ".so";
    result.parameters = {{"does", does}, {"symbol", "signal"}};
    return result;
  }

  /// The outcome of a command, once it is told.
  std::string outcome(const std::function<void(plugin_outcome)>& command) {
    auto shared = std::make_shared<std::promise<std::string>>();
    command([shared](std::string error) { shared->set_value(std::move(error)); });
    auto future = shared->get_future();
    if (future.wait_for(10s) != std::future_status::ready) return "no outcome within 10 s";
    return future.get();
  }
  std::string load(const config::plugin_section& what) {
    return outcome([&](plugin_outcome then) { room_->load(what, std::move(then)); });
  }
  std::string reload(const std::string& name, const std::string& library = {}) {
    return outcome([&](plugin_outcome then) { room_->reload(name, library, std::move(then)); });
  }
  std::string unload(const std::string& name) {
    return outcome([&](plugin_outcome then) { room_->unload(name, std::move(then)); });
  }
  std::optional<plugin_report> report(const std::string& name) {
    for (auto& each : room_->report())
      if (each.name == name) return each;
    return std::nullopt;
  }

  system_config caf_{2};
  caf::actor_system system_{caf_};
  std::unique_ptr<engine> parts_;
  directory_counters counters_;
  directory_actor directory_;
  std::unique_ptr<plugin_room> room_;
  caf::actor root_;
};

TEST_F(a_room, loads_reloads_and_unloads_while_it_runs) {
  EXPECT_EQ(load(ill("p", "count")), "");
  ASSERT_TRUE(report("p"));
  EXPECT_EQ(report("p")->state, plugin_state::running);
  EXPECT_EQ(report("p")->version, "1");
  EXPECT_EQ(load(ill("p", "count")), "there is a plugin p already");
  EXPECT_EQ(reload("p", ill("p", "", 2).library), "");
  EXPECT_EQ(report("p")->version, "2");
  EXPECT_EQ(report("p")->restarts, 0U);
  EXPECT_EQ(unload("p"), "");
  EXPECT_FALSE(report("p"));
  EXPECT_EQ(unload("p"), "there is no plugin p");
  EXPECT_EQ(reload("p"), "there is no plugin p");
  EXPECT_EQ(load(ill("p", "count")), "") << "a name can be used again";
}

TEST_F(a_room, keeps_the_old_version_when_the_new_one_does_not_fit) {
  ASSERT_EQ(load(ill("p", "count")), "");
  EXPECT_NE(reload("p", std::string(TEST_PLUGINS) + "/doctored_plugin.so").find("gcc 4.8"),
            std::string::npos);
  EXPECT_NE(reload("p", "/nowhere.so").find("there is no library"), std::string::npos);
  EXPECT_EQ(report("p")->state, plugin_state::running);
  EXPECT_EQ(report("p")->version, "1");
  EXPECT_EQ(report("p")->subscriptions, std::vector<std::string>{"trade.signal"});
}

TEST_F(a_room, tells_why_a_plugin_does_not_start_and_starts_it_once_it_is_mended) {
  auto section = ill("p", "count");
  section.library = "/nowhere.so";
  EXPECT_NE(load(section).find("there is no library /nowhere.so"), std::string::npos);
  EXPECT_EQ(report("p")->state, plugin_state::failed);
  EXPECT_EQ(reload("p", ill("p", "").library), "");
  EXPECT_EQ(report("p")->state, plugin_state::running);
  EXPECT_EQ(report("p")->last_error, "");
}

TEST_F(a_room, gives_every_command_an_answer_also_after_its_end) {
  end(root_);
  {
    caf::scoped_actor self{system_};
    self->wait_for(root_);
  }
  EXPECT_EQ(load(ill("p", "count")), "the server is stopping");
  EXPECT_EQ(unload("p"), "the server is stopping");
}

}  // namespace
}  // namespace tickcast::actors
