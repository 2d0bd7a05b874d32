#pragma once
#include <cstdint>

#include "actors/runtime/metrics.hpp"

namespace tickcast::net::admin {

/// CPU time the process has used, s.
double cpu_seconds();
/// Memory of the process that is in RAM, bytes; 0 when the system does not tell.
std::int64_t resident_bytes();

/// The process as every Prometheus client library tells of it (`process_…`), and which build it is. Reads
/// /proc; any thread.
void read_process_metrics(actors::metric_writer& to);

}  // namespace tickcast::net::admin
