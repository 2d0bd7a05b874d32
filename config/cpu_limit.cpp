#include "config/cpu_limit.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace tickcast::config {
namespace {

namespace fs = std::filesystem;

// CPUs as a fraction, infinity without a quota.
constexpr double unlimited = std::numeric_limits<double>::infinity();

std::optional<std::string> read_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  return line;
}

double quota_of(std::int64_t quota, std::int64_t period) {
  return quota > 0 && period > 0 ? static_cast<double>(quota) / static_cast<double>(period) : unlimited;
}

double read_v2(const fs::path& directory) {
  const auto line = read_line(directory / "cpu.max");
  if (!line) return unlimited;
  std::istringstream words(*line);
  std::int64_t quota = 0;
  std::int64_t period = 0;
  // "max 100000" has no quota: the word is no number, and reading it fails.
  return words >> quota >> period ? quota_of(quota, period) : unlimited;
}

double read_v1(const fs::path& directory) {
  const auto number = [&](const char* name) -> std::int64_t {
    std::istringstream words(read_line(directory / name).value_or(""));
    std::int64_t value = 0;
    return words >> value ? value : 0;
  };
  return quota_of(number("cpu.cfs_quota_us"), number("cpu.cfs_period_us"));
}

// The least quota of `group` and of all groups above it, up to `mount`. In a container the path that
// /proc/self/cgroup names often does not exist; its own group is then mounted as the top.
template <class Read>
double least_quota(const fs::path& mount, const fs::path& group, Read read) {
  double least = read(mount);
  fs::path directory = mount;
  for (const auto& part : group.relative_path()) {
    directory /= part;
    least = std::min(least, read(directory));
  }
  return least;
}

bool names_cpu(std::string_view controllers) {
  std::istringstream words{std::string(controllers)};
  for (std::string word; std::getline(words, word, ',');)
    if (word == "cpu") return true;
  return false;
}

// One line of /proc/self/cgroup: `hierarchy:controllers:path` (cgroups(7)).
double quota_of_line(const fs::path& root, std::string_view line) {
  const auto first = line.find(':');
  const auto second = line.find(':', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return unlimited;
  const auto controllers = line.substr(first + 1, second - first - 1);
  const fs::path group{std::string(line.substr(second + 1))};
  const auto cgroups = root / "sys/fs/cgroup";
  if (controllers.empty())
    return std::min(least_quota(cgroups, group, read_v2), least_quota(cgroups / "unified", group, read_v2));
  if (!names_cpu(controllers)) return unlimited;
  double least = unlimited;
  for (const auto& mount : {cgroups / controllers, cgroups / "cpu", cgroups / "cpu,cpuacct"})
    least = std::min(least, least_quota(mount, group, read_v1));
  return least;
}

unsigned schedulable_cpus() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) return static_cast<unsigned>(CPU_COUNT(&allowed));
  // More CPUs than cpu_set_t has bits.
  return static_cast<unsigned>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace

unsigned cgroup_cpu_limit(const fs::path& root) {
  std::ifstream groups(root / "proc/self/cgroup");
  double least = unlimited;
  for (std::string line; std::getline(groups, line);) least = std::min(least, quota_of_line(root, line));
  if (least >= static_cast<double>(std::numeric_limits<unsigned>::max())) return 0;
  return std::max(1U, static_cast<unsigned>(least));
}

unsigned cpu_limit(const fs::path& root) {
  const unsigned cpus = std::max(1U, schedulable_cpus());
  const unsigned quota = cgroup_cpu_limit(root);
  return quota == 0 ? cpus : std::min(cpus, quota);
}

}  // namespace tickcast::config
