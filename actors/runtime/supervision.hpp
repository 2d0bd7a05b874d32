#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "actors/runtime/caf.hpp"

/// What supervisors go by, in OTP's words: https://www.erlang.org/doc/system/sup_princ.html
namespace tickcast::actors {

/// Which children are ended and started again when one of them fails.
enum class restart_strategy : std::uint8_t {
  one_for_one,   ///< that one
  one_for_all,   ///< all
  rest_for_one,  ///< that one and those started after it
};

/// Whether a child that ended by itself is started again.
enum class restart_type : std::uint8_t {
  permanent,  ///< always
  transient,  ///< when it failed: any end but an orderly one
  temporary,  ///< never, and its specification goes with it
};

/// Whether the supervisor ends when significant children have ended by themselves and are not restarted.
enum class auto_shutdown : std::uint8_t { never, any_significant, all_significant };

std::string_view to_string(restart_strategy strategy) noexcept;
std::string_view to_string(restart_type type) noexcept;

/// Why a supervisor ended.
enum class supervision_error : std::uint8_t {
  gave_up = 1,  ///< more restarts than its intensity allows; counts as an orderly end, as OTP's `shutdown`
  failed_to_start,  ///< a child could not be started when the supervisor was
  restart_asked,    ///< a person wants the actor restarted: a failure
};

/// child_spec::shutdown: ends the child at once, without asking.
inline constexpr std::chrono::milliseconds brutal_kill{0};
/// child_spec::shutdown: waits for the child however long it takes; OTP's advice for supervisors.
inline constexpr auto no_shutdown_limit = std::chrono::milliseconds::max();

/// How to start and end one child.
struct child_spec {
  std::string id;  ///< unique among its siblings
  /// Called in the supervisor. May throw: that is a failed start. A null handle: nothing is to be run (OTP's
  /// `ignore`), the child counts as stopped.
  std::function<caf::actor()> start;
  restart_type restart = restart_type::permanent;
  /// Time to end by itself when told to; then it is killed.
  std::chrono::milliseconds shutdown{5000};
  bool significant = false;  ///< see auto_shutdown
};

/// What became of a command to a supervisor: empty when done, else why not. Called in the supervisor.
using supervision_answer = std::function<void(const std::string& refusal)>;

}  // namespace tickcast::actors

CAF_ERROR_CODE_ENUM(tickcast::actors::supervision_error, "supervisor")

namespace tickcast::actors {

/// An end that was asked for, as opposed to a failure (OTP: normal, shutdown, {shutdown, _}).
bool is_orderly(const caf::error& reason);
/// The reason in words for people.
std::string describe(const caf::error& reason);

}  // namespace tickcast::actors
