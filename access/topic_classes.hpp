#pragma once
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "protocol/topic_pattern.hpp"

namespace tickcast::access {

/// All `[[topic_class]]` of the configuration, compiled: how topics are treated. Immutable; any thread.
class topic_classes {
public:
  explicit topic_classes(const std::vector<config::topic_class_section>& classes);

  /// The first class that fits; without one, a class of defaults whose name is empty. Lives as long as this.
  /// No allocation, no lock; whoever asks often keeps the answer.
  const config::topic_class_section& of(std::string_view topic) const noexcept;

private:
  struct entry {
    config::topic_class_section is;
    std::vector<protocol::topic_pattern> topics;
  };
  std::vector<entry> entries_;
  config::topic_class_section none_;
};

}  // namespace tickcast::access
