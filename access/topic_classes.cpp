#include "access/topic_classes.hpp"

#include <algorithm>
#include <utility>

namespace tickcast::access {

topic_classes::topic_classes(const std::vector<config::topic_class_section>& classes) {
  for (const auto& each : classes) {
    entry made;
    made.is = each;
    for (const auto& glob : each.topics) made.topics.push_back({protocol::topic_pattern::kind::glob, glob});
    entries_.push_back(std::move(made));
  }
}

const config::topic_class_section& topic_classes::of(std::string_view topic) const noexcept {
  for (const auto& each : entries_)
    if (std::any_of(each.topics.begin(), each.topics.end(),
                    [&](const protocol::topic_pattern& glob) { return glob.matches(topic); }))
      return each.is;
  return none_;
}

}  // namespace tickcast::access
