#include "net/admin/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace tickcast::net::admin {
namespace {

struct memory {
  std::int64_t all = 0, resident = 0;
};

memory memory_bytes() {
  long pages = 0, resident = 0;
  if (auto* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &pages, &resident) != 2) pages = resident = 0;
    std::fclose(file);
  }
  const auto page = ::sysconf(_SC_PAGESIZE);
  return {std::int64_t{pages} * page, std::int64_t{resident} * page};
}

std::ptrdiff_t entries(const char* directory) {
  std::error_code ec;
  const std::filesystem::directory_iterator all(directory, ec);
  return ec ? 0 : std::distance(begin(all), end(all));
}

double utc_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// When this part of the program was loaded: close enough to the process's start.
const double started_s = utc_seconds();

}  // namespace

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::int64_t resident_bytes() {
  return memory_bytes().resident;
}

void read_process_metrics(actors::metric_writer& to) {
  to.gauge("tickcast_build_info", "Always 1; the labels say which build runs",
           {{"version", TICKCAST_VERSION}}, 1);
  to.counter("process_cpu_seconds_total", "CPU time used, user and system", {}, cpu_seconds());
  const auto memory = memory_bytes();
  to.gauge("process_resident_memory_bytes", "Memory in RAM", {}, static_cast<double>(memory.resident));
  to.gauge("process_virtual_memory_bytes", "Memory mapped", {}, static_cast<double>(memory.all));
  to.gauge("process_open_fds", "Open file descriptors", {}, static_cast<double>(entries("/proc/self/fd")));
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  to.gauge("process_max_fds", "Most file descriptors that may be open", {},
           static_cast<double>(files.rlim_cur));
  to.gauge("process_threads", "Threads", {}, static_cast<double>(entries("/proc/self/task")));
  to.gauge("process_start_time_seconds", "When the process began, in seconds since 1970", {}, started_s);
}

}  // namespace tickcast::net::admin
