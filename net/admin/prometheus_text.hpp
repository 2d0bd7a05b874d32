#pragma once
#include <string>
#include <vector>

#include "actors/runtime/metrics.hpp"

namespace tickcast::net::admin {

/// Reads all sources and writes them in Prometheus' text format (version 0.0.4), families in order of name.
std::string prometheus_text(const std::vector<actors::metric_source>& sources);

/// The Content-Type that goes with it.
inline constexpr const char* prometheus_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace tickcast::net::admin
