#include "actors/runtime/supervision.hpp"

namespace tickcast::actors {

std::string_view to_string(restart_strategy strategy) noexcept {
  switch (strategy) {
    case restart_strategy::one_for_one:
      return "one_for_one";
    case restart_strategy::one_for_all:
      return "one_for_all";
    case restart_strategy::rest_for_one:
      return "rest_for_one";
  }
  return "one_for_one";
}

std::string_view to_string(restart_type type) noexcept {
  switch (type) {
    case restart_type::permanent:
      return "permanent";
    case restart_type::transient:
      return "transient";
    case restart_type::temporary:
      return "temporary";
  }
  return "permanent";
}

bool is_orderly(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::user_shutdown || reason == caf::exit_reason::normal ||
         reason == supervision_error::gave_up;
}

std::string describe(const caf::error& reason) {
  if (!reason || reason == caf::exit_reason::normal) return "ended by itself";
  if (reason == caf::exit_reason::user_shutdown) return "was told to end";
  if (reason == caf::exit_reason::kill) return "was killed";
  if (reason == caf::exit_reason::unreachable) return "nobody needed it any more";
  if (reason == supervision_error::gave_up) return "its children failed too often";
  if (reason == supervision_error::failed_to_start) return "a child could not be started";
  if (reason == supervision_error::restart_asked) return "restarted by hand";
  // Failures carry a sentence of their own.
  const auto& context = reason.context();
  if (context.size() == 1 && context.match_element<std::string>(0)) return context.get_as<std::string>(0);
  return to_string(reason);
}

}  // namespace tickcast::actors
