#include "feeds/service_room.hpp"

#include "actors/runtime/log.hpp"
#include "feeds/from_config.hpp"
#include "feeds/service_desk.hpp"

namespace tickcast::feeds {

service_room::service_room(actors::engine& parts, caf::actor_system& system, zmq::context_t& context,
                           const service_questions& questions, std::shared_ptr<curve_gate> gate)
    : engine_(parts),
      questions_(questions),
      socket_(context, router_options_from(parts.settings.service), counters_, std::move(gate)),
      host_(system, "service", socket_),
      answers_(std::make_shared<answer_box>(host_)) {
  actors::log(actors::component::feeds).info("backends ask on {}", endpoint());
}

actors::child_spec service_room::child() {
  return {.id = "service_desk", .start = [this] {
            return caf::actor_cast<caf::actor>(
                actors::spawn_on<service_desk>(host_, std::ref(engine_), std::ref(socket_),
                                               std::cref(questions_), answers_, std::ref(counters_)));
          }};
}

void service_room::read_metrics(actors::metric_writer& to) const {
  const auto value = [](const std::atomic<std::uint64_t>& of) {
    return static_cast<double>(of.load(std::memory_order_relaxed));
  };
  to.counter("tickcast_service_questions_total", "Messages that came to the service's ROUTER.", {},
             value(counters_.questions));
  to.counter("tickcast_service_refused_total", "Of them, those that were no question, or of an unknown type.",
             {}, value(counters_.refused));
  to.counter("tickcast_service_lost_answers_total", "Answers whose backend was gone, or did not read them.",
             {}, value(counters_.lost));
  to.gauge("tickcast_service_workers", "Backend workers that claim types of client messages.", {},
           value(counters_.workers));
  to.counter("tickcast_service_workers_lost_total", "Workers that fell silent or whose connection went.", {},
             value(counters_.workers_lost));
  to.counter("tickcast_service_calls_total", "Clients' messages sent to workers.", {},
             value(counters_.calls));
  to.gauge("tickcast_service_open_calls", "Of them, those without an answer yet.", {},
           value(counters_.open_calls));
  to.counter("tickcast_service_calls_refused_total", "Calls that no worker could take.", {},
             value(counters_.calls_refused));
  to.counter("tickcast_service_calls_overdue_total", "Calls not answered within service.call_ms.", {},
             value(counters_.calls_overdue));
  to.counter("tickcast_service_answers_unknown_total", "Answers to calls that were not open.", {},
             value(counters_.answers_unknown));
  to.gauge("tickcast_service_open_questions", "Questions that wait for their answer.", {},
           value(counters_.open));
}

}  // namespace tickcast::feeds
