#include "net/admin/api/console.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace tickcast::net::admin {

console::console(admin_server& on, actors::engine& parts, server& clients, console_sources sources)
    : admin_(on), engine_(parts), clients_(clients), sources_(std::move(sources)), started_us_(now_us()) {
  add_actor_routes();
  add_tree_routes();
  add_topic_routes();
  add_connection_routes();
  add_overview_routes();
  add_log_routes();
  add_action_routes();
}

console::~console() {
  for (const auto& [id, each] : traces_) each.what->stop();
}

}  // namespace tickcast::net::admin
