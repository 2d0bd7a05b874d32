#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "actors/messages.hpp"
#include "actors/runtime/caf.hpp"
#include "actors/runtime/observed.hpp"
#include "actors/runtime/restart_budget.hpp"

namespace tickcast::actors {

/// When a child that ended is started again (OTP's words).
enum class restart_type : std::uint8_t {
  permanent,  ///< always
  transient,  ///< when it failed
  temporary,  ///< never
};

/// How to start and end one child.
struct child_spec {
  std::string id;                     ///< unique among its siblings
  std::function<caf::actor()> start;  ///< called in the supervisor; may throw: that is a failed restart
  restart_type restart = restart_type::permanent;
  /// Time to end by itself when told to; then it is killed.
  std::chrono::milliseconds shutdown{5000};
};

/// Starts, watches and restarts children, one for one: the others never notice. Children start in order and
/// are stopped in reverse, one after the other. When one child's restarts exceed the limits all are stopped
/// and the supervisor ends with an error, which its own supervisor answers.
class supervisor final : public observed<caf::event_based_actor> {
public:
  /// `each_its_own`: every child has its own budget and one that spent it stays down, alone, for
  /// `limits.longest` before it is tried again; for many children of one kind.
  struct options {
    std::string name;
    std::string_view parent = "root";
    restart_limits limits;
    bool each_its_own = false;
  };

  supervisor(caf::actor_config& cfg, probe_registry& probes, options how, std::vector<child_spec> children);

  const char* name() const override { return "supervisor"; }

protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  struct child {
    child_spec spec;
    caf::actor handle;
    restart_budget budget;
    std::uint64_t attempt = 0;  ///< names the restart that is being waited for
  };

  bool start(child& which);
  void on_down(const caf::down_msg& message);
  void child_failed(child& which);
  void begin_stop(caf::error reason);
  void stop_next();
  child* find(const std::string& id);

  options options_;
  std::vector<child> children_;
  restart_budget shared_budget_;
  bool stopping_ = false;
  caf::error reason_;
};

}  // namespace tickcast::actors
