#pragma once
#include <string>
#include <vector>

#include "tools/admin_client.hpp"

namespace tickcast::tools {

/// An actor that lives.
struct found_actor {
  std::string id;
  std::string path;
  std::string kind;

  /// For a sentence: `root/feeds/pull (feed, actor 17)`.
  std::string text() const;
};

/// The actor a person means: its id; its whole path; the end of one, from a name's beginning ("feeds/pull",
/// "pull"); or a glob that one path matches. Several matches are a failure that lists them.
admin_result<found_actor> find_actor(const admin_client& client, const std::string& named);

/// The same among actors that were already listed.
admin_result<found_actor> choose_actor(const std::vector<found_actor>& all, const std::string& named);

}  // namespace tickcast::tools
