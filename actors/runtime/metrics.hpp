#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickcast::actors {

using metric_labels = std::vector<std::pair<std::string, std::string>>;

/// A cumulative histogram as it is read: `counts[i]` observations at most `bounds[i]`, in seconds or bytes as
/// the metric's name says; `counts` has one more element than `bounds`, the number of all.
struct histogram_reading {
  std::vector<double> bounds;
  std::vector<std::uint64_t> counts;
  double sum = 0;
};

/// Takes readings while somebody scrapes. Names are Prometheus' (`tickcast_…`, base units, counters end in
/// `_total`); one name always comes with one help text.
class metric_writer {
public:
  virtual ~metric_writer() = default;
  virtual void counter(std::string_view name, std::string_view help, metric_labels labels, double value) = 0;
  virtual void gauge(std::string_view name, std::string_view help, metric_labels labels, double value) = 0;
  virtual void histogram(std::string_view name, std::string_view help, metric_labels labels,
                         const histogram_reading& value) = 0;
};

/// Something that has readings. Called on the admin thread: reads atomics, asks no actor, takes no lock that
/// a shard or worker may hold for long.
using metric_source = std::function<void(metric_writer&)>;

}  // namespace tickcast::actors
