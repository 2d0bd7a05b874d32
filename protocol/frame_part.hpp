#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/frame.hpp"

namespace tickcast::protocol {

/// The value at `path` (keys of maps, outermost first) in a frame, as compact JSON with every number's digits
/// as they were written; of a key that comes twice the last counts. Nothing: it is not there, the frame is
/// none, or the value is something that JSON cannot say; `is_there`, unless null, tells that last from the
/// others.
std::optional<std::string> find_part(std::string_view frame, encoding as,
                                     std::initializer_list<std::string_view> path, bool* is_there = nullptr);

}  // namespace tickcast::protocol
