#pragma once
#include <memory>
#include <string>

#include "tools/data_lock.hpp"
#include "tools/history_door.hpp"

namespace tickcast::tools {

/// History in a directory that no server works on, for as long as the lock is held.
/// Retention is left to the server: nothing is deleted here.
admin_result<std::unique_ptr<history_door>> open_directory(std::unique_ptr<data_lock> lock,
                                                           const std::string& directory);

}  // namespace tickcast::tools
