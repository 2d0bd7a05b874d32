#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tools/admin_client.hpp"

namespace tickcast::tools {

/// A supervisor's child, which may be stopped and so have no actor.
struct found_child {
  std::string supervisor;  ///< path
  std::string id;
};

/// The child a person means, by its path or the end of one. Several matches are a failure that lists them.
admin_result<found_child> find_child(const admin_client& client, const std::string& named);

/// The same in an answer of /api/tree.
admin_result<found_child> choose_child(const nlohmann::json& tree, const std::string& named);

}  // namespace tickcast::tools
