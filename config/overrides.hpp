#pragma once
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "config/findings.hpp"

namespace tickcast::config {

/// Applies one `section.key=value` to `values` (grammar: load.hpp). What is wrong with it goes to `found`,
/// and `values` then keep what they had, save for a row that was added.
void apply_override(config& values, const std::string& option, findings& found);

}  // namespace tickcast::config
