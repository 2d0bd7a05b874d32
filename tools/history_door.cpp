#include "tools/history_door.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "config/load.hpp"
#include "store/settings.hpp"
#include "tools/directory_door.hpp"
#include "tools/server_door.hpp"

namespace tickcast::tools {
namespace {

admin_result<std::unique_ptr<history_door>> ask_server(admin_options options, const std::string& directory,
                                                       const std::string& holder, const std::string& what,
                                                       int stop_fd) {
  // The server keeps its tokens beside its history.
  if (options.token_file.empty() && options.config_file.empty() && !std::getenv("TICKCAST_ADMIN_TOKEN")) {
    const auto beside = directory + "/admin-tokens";
    if (!directory.empty() && std::filesystem::exists(beside)) options.token_file = beside;
  }
  auto client = admin_client::open(options, stop_fd);
  if (!client) return tl::unexpected(client.error());
  auto door = open_server(std::move(*client), holder, what);
  if (!door && !holder.empty() && door.error().code == exit_code::unreachable)
    door.error().message += fmt::format(
        "; process {} works on {}: give --admin with the address of its admin port", holder, directory);
  return door;
}

}  // namespace

admin_result<std::unique_ptr<history_door>> open_history_door(const history_options& options, bool must_exist,
                                                              const std::string& what, int stop_fd) {
  auto directory = options.directory;
  if (directory.empty() && !options.admin.config_file.empty()) {
    const auto read = config::load_file(options.admin.config_file, {});
    if (!read)
      return tl::unexpected(admin_failure{exit_code::usage, config::to_string(read.error().front())});
    directory = read->values.store.directory;
  }
  if (directory.empty() && options.admin.config_file.empty() && options.admin.admin.empty())
    return tl::unexpected(admin_failure{exit_code::usage,
                                        "say where history is kept: --directory DIRECTORY, --config FILE, or "
                                        "--admin URL of a running server"});
  if (directory.empty()) return ask_server(options.admin, {}, {}, what, stop_fd);
  if (must_exist && !std::filesystem::is_directory(store::history_directory(directory)))
    return tl::unexpected(
        admin_failure{exit_code::failed, fmt::format("no history is kept in {}", directory)});
  try {
    return open_directory(std::make_unique<data_lock>(directory), directory);
  } catch (const lock_held& held) {
    return ask_server(options.admin, directory, held.holder(), what, stop_fd);
  } catch (const std::exception& fault) {
    return tl::unexpected(admin_failure{exit_code::failed, fault.what()});
  }
}

}  // namespace tickcast::tools
