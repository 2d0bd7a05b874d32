#include "config/cpu_limit.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>

#include <fstream>
#include <string>

namespace tickcast::config {
namespace {

namespace fs = std::filesystem;

class cpu_limits : public ::testing::Test {
protected:
  cpu_limits() {
    std::string name = (fs::temp_directory_path() / "tickcast-cpu-XXXXXX").string();
    if (mkdtemp(name.data())) root = name;
  }
  ~cpu_limits() override {
    std::error_code ignored;
    fs::remove_all(root, ignored);
  }

  void write(const fs::path& file, const std::string& text) const {
    fs::create_directories((root / file).parent_path());
    std::ofstream(root / file) << text;
  }

  fs::path root;
};

TEST_F(cpu_limits, without_cgroups_nothing_is_limited) {
  EXPECT_EQ(cgroup_cpu_limit(root), 0U);
}

TEST_F(cpu_limits, reads_the_quota_of_version_2) {
  write("proc/self/cgroup", "0::/system.slice/tickcast.service\n");
  write("sys/fs/cgroup/system.slice/tickcast.service/cpu.max", "400000 100000\n");
  EXPECT_EQ(cgroup_cpu_limit(root), 4U);
}

TEST_F(cpu_limits, no_quota_in_version_2_is_no_limit) {
  write("proc/self/cgroup", "0::/a\n");
  write("sys/fs/cgroup/a/cpu.max", "max 100000\n");
  EXPECT_EQ(cgroup_cpu_limit(root), 0U);
}

TEST_F(cpu_limits, the_least_quota_on_the_way_up_counts) {
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/cpu.max", "200000 100000\n");
  write("sys/fs/cgroup/a/b/cpu.max", "800000 100000\n");
  EXPECT_EQ(cgroup_cpu_limit(root), 2U);
}

TEST_F(cpu_limits, in_a_container_the_own_group_is_the_top) {
  write("proc/self/cgroup", "0::/docker/0123abcd\n");
  write("sys/fs/cgroup/cpu.max", "300000 100000\n");
  EXPECT_EQ(cgroup_cpu_limit(root), 3U);
}

TEST_F(cpu_limits, a_fraction_is_cut_and_never_below_one) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/cpu.max", "150000 100000\n");
  EXPECT_EQ(cgroup_cpu_limit(root), 1U);
  write("sys/fs/cgroup/cpu.max", "299999 100000\n");
  EXPECT_EQ(cgroup_cpu_limit(root), 2U);
  write("sys/fs/cgroup/cpu.max", "20000 100000\n");
  EXPECT_EQ(cgroup_cpu_limit(root), 1U);
}

TEST_F(cpu_limits, reads_the_quota_of_version_1) {
  write("proc/self/cgroup", "5:memory:/a\n3:cpu,cpuacct:/a\n1:name=systemd:/a\n");
  write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "250000\n");
  write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "50000\n");
  EXPECT_EQ(cgroup_cpu_limit(root), 5U);
  write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(cgroup_cpu_limit(root), 0U);
}

TEST_F(cpu_limits, cpuset_is_not_cpu) {
  write("proc/self/cgroup", "3:cpuset:/a\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_cpu_limit(root), 0U);
}

TEST_F(cpu_limits, nonsense_limits_nothing) {
  write("proc/self/cgroup", "0::/\nrubbish\n:\n\n");
  for (const auto* text :
       {"", "x y\n", "100000\n", "0 100000\n", "-5 100000\n", "100000 0\n", "99999999999999999999999 1\n"}) {
    write("sys/fs/cgroup/cpu.max", text);
    EXPECT_EQ(cgroup_cpu_limit(root), 0U) << text;
  }
}

TEST_F(cpu_limits, affinity_bounds_it_and_so_does_the_quota) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  EXPECT_EQ(cpu_limit(root), static_cast<unsigned>(CPU_COUNT(&before)));
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(cpu_limit(root), 1U);
  ASSERT_EQ(sched_setaffinity(0, sizeof(before), &before), 0);
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/cpu.max", "100000 100000\n");
  EXPECT_EQ(cpu_limit(root), 1U);
}

TEST(cpu_limit, this_machine_has_at_least_one) {
  EXPECT_GE(cpu_limit(), 1U);
}

}  // namespace
}  // namespace tickcast::config
