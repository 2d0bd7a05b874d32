#pragma once
#include <functional>
#include <string>

#include "actors/topics/engine.hpp"
#include "actors/users/service_office.hpp"
#include "feeds/service_questions.hpp"

namespace tickcast::tools {

/// Has the service's ROUTER take the commands and questions of docs/service.md that are about users and
/// topics. `stats`: the answer to that question, as JSON text. What is handed in outlives the questions.
void add_service_commands(feeds::service_questions& to, actors::service_office& office, actors::engine& parts,
                          std::function<std::string()> stats);

}  // namespace tickcast::tools
