#pragma once
#include <filesystem>

namespace tickcast::config {

/// How many CPUs this process may keep busy, at least 1: the least of the CPUs it may be scheduled on
/// (sched_getaffinity) and the quotas of its cgroup and all above it, v2 (`cpu.max`) or v1
/// (`cpu.cfs_quota_us`). A quota of one and a half is one: with two busy threads the kernel would halt both
/// for a part of each period. See https://docs.kernel.org/admin-guide/cgroup-v2.html, "cpu.max", and
/// scheduler/sched-bwc.html.
///
/// Reads files below `root`, which a test may make itself. What cannot be read limits nothing.
unsigned cpu_limit(const std::filesystem::path& root = "/");

/// The quotas alone, in whole CPUs; 0: none.
unsigned cgroup_cpu_limit(const std::filesystem::path& root = "/");

}  // namespace tickcast::config
