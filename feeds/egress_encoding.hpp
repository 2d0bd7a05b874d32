#pragma once
#include <string>

#include "actors/topics/topic_view.hpp"
#include "protocol/egress_message.hpp"

/// The body of an egress message from what a topic's writer sends.
namespace tickcast::feeds {

std::string encode(const protocol::egress_position& at, const actors::topic_change& change);
std::string encode(const protocol::snapshot_head& head, const actors::topic_view& view);
/// Whether a snapshot of `view` would say anything: its topic may exist before it is written.
bool has_content(const actors::topic_view& view) noexcept;

}  // namespace tickcast::feeds
