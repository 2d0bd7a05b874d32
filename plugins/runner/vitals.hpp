#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickcast::plugins {

/// How long handlers took, in classes a quarter of an octave wide. One thread adds, any reads.
class handler_times {
public:
  void add(std::int64_t ns) noexcept;
  /// An upper bound of the time below which the share `q` (0..1) of the handlers stayed; 0 without any.
  std::int64_t quantile_ns(double q) const noexcept;
  std::int64_t longest_ns() const noexcept { return longest_.load(std::memory_order_relaxed); }
  std::uint64_t total() const noexcept;

  /// To carry them from one process to another: the classes that hold something, and their counts.
  std::vector<std::pair<std::size_t, std::uint64_t>> classes() const;
  void merge(std::size_t its_class, std::uint64_t more) noexcept;
  void merge_longest(std::int64_t ns) noexcept;

private:
  static std::size_t class_of(std::int64_t ns) noexcept;
  std::array<std::atomic<std::uint64_t>, 4 * 44> classes_{};
  std::atomic<std::int64_t> longest_{0};
};

/// What one run is doing this moment; apart from `vitals`, so that a run that was given up cannot disturb the
/// picture of the next one.
struct pulse {
  /// Steady clock, when the handler that runs now began; 0: none does.
  std::atomic<std::int64_t> handler_began_ns{0};
  std::atomic<const char*> handler{""};
};

/// What is known of a plugin from outside without asking it; outlives its runs. One thread writes at a time,
/// anybody reads.
struct vitals {
  static constexpr std::size_t most_metrics = 100;

  handler_times times;
  std::atomic<std::uint64_t> handled{0};
  std::atomic<std::uint64_t> published{0};
  std::atomic<std::uint64_t> over_budget{0};  ///< publishes refused for their rate
  std::atomic<std::uint64_t> refused{0};      ///< publishes refused for anything else
  std::atomic<std::uint64_t> metrics_refused{0};
  std::atomic<std::uint64_t> log_dropped{0};
  std::atomic<std::uint64_t> waiting{0};  ///< messages that wait to be handled
  std::atomic<std::uint64_t> dropped{0};  ///< updates that were never handled

  void count(std::string_view name, std::uint64_t by);
  void gauge(std::string_view name, double value);
  std::map<std::string, std::uint64_t, std::less<>> counters() const;
  std::map<std::string, double, std::less<>> gauges() const;
  void set_subscriptions(std::vector<std::string> patterns);
  std::vector<std::string> subscriptions() const;

private:
  bool may_have(std::string_view name);
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> counters_;
  std::map<std::string, double, std::less<>> gauges_;
  std::vector<std::string> subscriptions_;
};

}  // namespace tickcast::plugins
