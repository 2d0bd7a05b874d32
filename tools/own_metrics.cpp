#include "tools/own_metrics.hpp"

#include <spdlog/common.h>

#include <string>
#include <string_view>
#include <utility>

#include "tools/logging.hpp"

namespace tickcast::tools {

void read_log_metrics(actors::metric_writer& to) {
  for (const auto level : {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err,
                           spdlog::level::critical})
    to.counter("tickcast_log_lines_total", "Log lines, by level.",
               {{"level", std::string(spdlog::level::to_string_view(level).data())}},
               static_cast<double>(logging::lines(level)));
  to.counter("tickcast_log_dropped_total", "Log lines dropped because nobody took them.", {},
             static_cast<double>(logging::dropped()));
  to.gauge("tickcast_log_waiting_lines", "Log lines that wait to be written.", {},
           static_cast<double>(logging::waiting()));
  to.gauge("tickcast_log_waiting_lines_limit", "Log lines that may wait; then the oldest are dropped.", {},
           static_cast<double>(logging::queue_bound));
}

void read_limit_metrics(const config::config& of, actors::metric_writer& to) {
  const std::pair<const char*, double> all[]{
      {"listen.max_connections", static_cast<double>(of.listen.max_connections)},
      {"limits.topics", static_cast<double>(of.limits.topics)},
      {"limits.topics_per_client", static_cast<double>(of.limits.topics_per_client)},
      {"limits.waiting_topics", static_cast<double>(of.limits.waiting_topics)},
      {"limits.queue_bytes", static_cast<double>(of.limits.queue_bytes)},
      {"limits.in_flight_ticks", static_cast<double>(of.limits.in_flight_ticks)},
      {"egress.hwm", static_cast<double>(of.egress.hwm)},
  };
  for (const auto& [key, value] : all)
    to.gauge("tickcast_limit", "Bounds in force, by configuration key.", {{"key", key}}, value);
}

void read_reload_metrics(std::uint64_t done, std::uint64_t refused, actors::metric_writer& to) {
  constexpr std::string_view help = "Reloads asked for by SIGHUP.";
  to.counter("tickcast_reloads_total", help, {{"outcome", "done"}}, static_cast<double>(done));
  to.counter("tickcast_reloads_total", help, {{"outcome", "refused"}}, static_cast<double>(refused));
}

}  // namespace tickcast::tools
