#include "tools/access_metrics.hpp"

namespace tickcast::tools {

void read_access_metrics(const access::doorkeeper& door, actors::metric_writer& to) {
  const auto& count = door.count();
  const auto read = [](const auto& value) {
    return static_cast<double>(value.load(std::memory_order_relaxed));
  };
  for (std::size_t i = 0; i < count.admitted.size(); ++i)
    to.counter("tickcast_sign_ins_total", "Sign-ins that were believed, and looks at them again.",
               {{"by", std::string(access::to_string(static_cast<access::proof>(i)))}},
               read(count.admitted[i]));
  for (std::size_t i = 0; i < count.refused.size(); ++i)
    to.counter("tickcast_sign_ins_refused_total", "Sign-ins that were not believed.",
               {{"reason", std::string(access::to_string(static_cast<access::reason>(i)))}},
               read(count.refused[i]));
  to.counter("tickcast_key_files_failed_total", "Changed key files that were not taken.", {},
             read(count.key_files_failed));
  const auto asked = door.backend_counts();
  const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    to.counter(name, help, {}, static_cast<double>(value));
  };
  counter("tickcast_sign_in_questions_total", "Questions to Redis or the service that knows users.",
          asked.asked);
  counter("tickcast_sign_in_questions_merged_total", "Questions that another one under way answered.",
          asked.merged);
  counter("tickcast_sign_in_questions_cached_total", "Questions answered from memory.", asked.cached);
  counter("tickcast_sign_in_questions_failed_total", "Questions without an answer.", asked.failed);
  counter("tickcast_sign_in_redis_reconnects_total", "Connections to Redis made again.", asked.reconnects);
  to.gauge("tickcast_sign_in_questions_waiting", "Sign-ins that wait for Redis or the service.", {},
           static_cast<double>(asked.waiting));
}

}  // namespace tickcast::tools
