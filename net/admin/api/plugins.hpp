#pragma once
#include "actors/plugins/plugin_room.hpp"
#include "net/admin/admin_server.hpp"

namespace tickcast::net::admin {

/// /api/plugins: the list, and load, reload and unload. Both outlive the admin server's thread.
void add_plugin_routes(admin_server& on, actors::plugin_room& plugins);

}  // namespace tickcast::net::admin
