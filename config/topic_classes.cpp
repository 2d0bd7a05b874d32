#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "config/relations.hpp"
#include "config/value.hpp"

namespace tickcast::config {
namespace {

/// The kinds that the engine writes itself; all others are event topics.
constexpr std::array<std::string_view, 7> own_kinds{"trade.", "quote.", "bar.",      "book.",
                                                    "feed.",  "chart.", "indicator."};

/// The kind of the engine's own that a glob is for, with its dot; empty: others may match as well.
std::string_view own_kind(std::string_view glob) {
  const auto found = std::find_if(own_kinds.begin(), own_kinds.end(),
                                  [&](std::string_view kind) { return glob.starts_with(kind); });
  return found == own_kinds.end() ? std::string_view{} : *found;
}

void check_class(const topic_class_section& one, const std::string& path, findings& found) {
  const auto blame = [&](std::string_view key, std::string_view glob, std::string_view what) {
    found.blame_at(fmt::format("{}.{}", path, key), {}, fmt::format("{} {}", quote(glob), what));
  };
  for (const auto& glob : one.topics) {
    const auto kind = own_kind(glob);
    if (kind.empty()) continue;
    constexpr std::string_view events = "is no event topic: the key is for those that backends write";
    const bool written = kind == "feed.";
    if (one.history > 0 && !written) blame("history", glob, events);
    if (one.recoverable && !written) blame("recoverable", glob, events);
    if (!one.retained && !written) blame("retained", glob, events);
    if (one.publish) blame("publish", glob, "is written by the engine alone");
    if (one.min_interval_ms > 0 && !written && kind != "quote.")
      blame("min_interval_ms", glob,
            kind == "bar."     ? "has bars.push_ms for that"
            : kind == "trade." ? "must not be thinned out: each trade counts"
                               : "comes as often as its bars");
  }
  if (one.recoverable && one.history == 0)
    found.blame_at(path + ".recoverable", {}, "needs history: how many updates are kept for who comes back");
}

}  // namespace

void check_topic_classes(const config& values, findings& found) {
  const auto& paths = found.rows("topic_class");
  for (std::size_t i = 0; i < values.topic_classes.size(); ++i)
    check_class(values.topic_classes[i], paths[i], found);
}

}  // namespace tickcast::config
