#pragma once
#include "config/config.hpp"
#include "config/findings.hpp"

/// What no key can tell by itself.
namespace tickcast::config {

/// Rows without a required key; pairs that contradict each other; feeds whose keys do not fit their kind.
void check_relations(const config& values, findings& found);

/// Topic classes that ask of a kind of topic what it does not have.
void check_topic_classes(const config& values, findings& found);

/// Sockets: two that bind one endpoint; ports that cannot be connected to; CURVE keys that make no whole;
/// ZeroMQ sockets that others than this machine could reach without CURVE and a key list; an admin port
/// likewise without TLS.
void check_sockets(const config& values, findings& found);

/// Keys this version does not act on and that do not stand at their defaults: faults or notices.
void check_support(config& values, findings& found);

}  // namespace tickcast::config
