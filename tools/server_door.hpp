#pragma once
#include <memory>
#include <string>

#include "tools/admin_client.hpp"
#include "tools/history_door.hpp"

namespace tickcast::tools {

/// History through a server's admin port (docs/admin-api.md). `holder`: the process that the server must be;
/// empty: any.
admin_result<std::unique_ptr<history_door>> open_server(admin_client client, const std::string& holder,
                                                        const std::string& what);

}  // namespace tickcast::tools
