#pragma once
#include <string>
#include <tl/expected.hpp>

namespace tickcast::config {

/// A whole file of at most 4 MiB, or a sentence why not.
tl::expected<std::string, std::string> file_text(const std::string& path);

}  // namespace tickcast::config
