#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace tickcast::tools {

/// An answer of /api/tree as a drawn tree: strategy and spent budget of supervisors, state and restarts of
/// children; where a node has many actors of one kind, a line with their number.
std::string print_tree(const nlohmann::json& answer);

}  // namespace tickcast::tools
