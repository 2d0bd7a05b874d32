#pragma once
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace tickcast::tools {

/// The answer of the admin port's `/api/topics` as a table, sorted by topic, with the number of topics below;
/// or a sentence that says what is wrong with it.
tl::expected<std::string, std::string> print_topics(std::string_view json);

}  // namespace tickcast::tools
