#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <caf/scheduler/test_coordinator.hpp>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "actors/runtime/supervisor.hpp"

namespace tickcast::tests {
struct fail_now {};
struct quit_now {};
}  // namespace tickcast::tests
TICKCAST_MESSAGE(tickcast::tests::fail_now)
TICKCAST_MESSAGE(tickcast::tests::quit_now)

namespace tickcast::tests {

using namespace std::chrono_literals;
using actors::child_spec;
using actors::restart_strategy;
using actors::restart_type;
using strings = std::vector<std::string>;

/// A supervisor on CAF's test scheduler, over children that write down when they begin ("+a") and end ("-a").
class supervision : public testing::Test {
protected:
  struct test_config : caf::actor_system_config {
    test_config() { set("scheduler.policy", caf::atom("testing")); }
  };
  struct worker : actors::observed<caf::event_based_actor> {
    worker(caf::actor_config& cfg, supervision& of, std::string called)
        : observed(cfg, of.probes_, {"worker", called, "test", "workers"}), test(of), id(std::move(called)) {
      test.events_.push_back("+" + id);
    }
    caf::behavior make_behavior() override {
      if (test.stubborn_ == id) set_exit_handler([](caf::exit_msg&) {});
      return {[](const fail_now&) { throw std::runtime_error("asked to"); },
              [this](const quit_now&) { quit(); }};
    }
    void on_exit() override { test.events_.push_back("-" + id); }
    supervision& test;
    std::string id;
  };

  child_spec child(const std::string& id, restart_type restart = restart_type::permanent) {
    return {.id = id,
            .start =
                [this, id] {
                  if (broken_ == id) throw std::runtime_error("cannot start");
                  if (nothing_ == id) return caf::actor{};
                  return handles_[id] = system_.spawn<worker>(std::ref(*this), id);
                },
            .restart = restart};
  }
  void supervise(std::vector<child_spec> children, actors::restart_limits limits = {},
                 bool each_its_own = false) {
    supervise({.name = "test", .parent = "", .limits = limits, .each_its_own = each_its_own},
              std::move(children));
  }
  void supervise(actors::supervisor::options how, std::vector<child_spec> children) {
    root_ = system_.spawn<actors::supervisor>(std::ref(probes_), std::move(how), std::move(children));
    run();
  }
  void run() { scheduler_.run(); }
  void advance(std::chrono::milliseconds by) {
    scheduler_.advance_time(by);
    run();
  }
  void fail(const std::string& id) {
    caf::anon_send(handles_[id], fail_now{});
    run();
  }
  void end_child(const std::string& id, caf::exit_reason why) {
    actors::end(handles_[id], why);
    run();
  }
  /// A command to the supervisor; returns its refusal, or "not answered".
  template <class Command>
  std::string command(Command what) {
    auto said = std::make_shared<std::string>("not answered");
    what.answer = [said](const std::string& refusal) { *said = refusal; };
    caf::anon_send(root_, std::move(what));
    run();
    return *said;
  }
  std::string add(child_spec spec) {
    return command(actors::add_child{std::make_shared<const child_spec>(std::move(spec)), {}});
  }
  bool supervisor_lives() const {
    const auto all = probes_.all();
    return std::any_of(all.begin(), all.end(), [](auto& each) { return each->who.kind == "supervisor"; });
  }
  bool lives(const std::string& id) const {
    const auto all = probes_.all();
    return std::any_of(all.begin(), all.end(), [&](auto& each) { return each->who.name == id; });
  }
  /// What happened since this was last asked.
  strings news() { return std::exchange(events_, {}); }
  actors::child_view view(const std::string& id) const {
    for (const auto& supervisor : probes_.supervisors.all())
      for (const auto& each : supervisor->children)
        if (each.id == id) return each;
    return {};
  }
  void TearDown() override {
    actors::end(root_);
    run();
    advance(10s);
    root_ = nullptr;
    handles_.clear();
    EXPECT_TRUE(probes_.all().empty());
    EXPECT_TRUE(probes_.supervisors.all().empty());
  }

  test_config caf_config_;
  actors::probe_registry probes_;
  caf::actor_system system_{caf_config_};
  caf::scheduler::test_coordinator& scheduler_ =
      dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  strings events_;
  std::map<std::string, caf::actor> handles_;
  std::string broken_, stubborn_, nothing_;
  caf::actor root_;
};

}  // namespace tickcast::tests
