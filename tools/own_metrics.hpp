#pragma once
#include <cstdint>

#include "actors/runtime/metrics.hpp"
#include "config/config.hpp"

namespace tickcast::tools {

/// The log's readings. Any thread.
void read_log_metrics(actors::metric_writer& to);
/// The bounds that are in force, by their configuration key. Any thread.
void read_limit_metrics(const config::config& of, actors::metric_writer& to);

/// How often a reload was asked for and what came of it. Any thread.
void read_reload_metrics(std::uint64_t done, std::uint64_t refused, actors::metric_writer& to);

}  // namespace tickcast::tools
