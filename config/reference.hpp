#pragma once
#include <string>

#include "config/config.hpp"

/// The description of the keys as text.
namespace tickcast::config {

/// Markdown: a table a section with key, default, unit, what is allowed, hot or cold and the sentence. The
/// part of docs/configuration.md between its markers.
std::string key_reference();

/// `values` as TOML that loads to the same values; secret keys are left out, unset ones too.
std::string write_config(config& values);

}  // namespace tickcast::config
