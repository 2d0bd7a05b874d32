#pragma once
#include <string>
#include <string_view>

#include "protocol/error.hpp"

namespace tickcast::protocol {

/// `json` without the white space between its parts; every number keeps its digits as they were written.
/// Errors: malformed, too_deep (more than max_depth).
expected<std::string> compact_json(std::string_view json);

}  // namespace tickcast::protocol
