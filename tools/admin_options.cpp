#include "tools/admin_options.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "config/load.hpp"
#include "tools/state_directory.hpp"

namespace tickcast::tools {
namespace {

constexpr const char* default_admin = "http://127.0.0.1:9190";
constexpr const char* token_variable = "TICKCAST_ADMIN_TOKEN";

struct named_by_config {
  std::string admin;
  std::string token_file;
};

admin_result<named_by_config> read_config(const std::string& file) {
  const auto read = config::load_file(file, {});
  if (!read) return tl::unexpected(admin_failure{exit_code::usage, config::to_string(read.error().front())});
  const auto& admin = read->values.admin;
  const auto& directory = read->values.store.directory;
  const auto host =
      admin.address.find(':') == std::string::npos ? admin.address : fmt::format("[{}]", admin.address);
  named_by_config named{fmt::format("{}://{}:{}", admin.tls.enabled() ? "https" : "http", host, admin.port),
                        admin.token_file};
  if (named.token_file.empty())
    named.token_file = (directory.empty() ? default_state_directory() : directory) + "/admin-tokens";
  return named;
}

// Sets the token, or why there is none.
void read_token(const std::string& file, admin_access& to) {
  to.token_from = file;
  std::ifstream in(file);
  if (!in) {
    to.no_token = fmt::format("{}: {}", file, std::strerror(errno));
    return;
  }
  to.token = token_in(std::string(std::istreambuf_iterator<char>(in), {}));
  if (to.token.empty()) to.no_token = fmt::format("{} holds no token; a line is: name role token", file);
}

}  // namespace

std::string token_in(std::string_view text) {
  std::istringstream lines{std::string(text)};
  std::string first;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string name, role, token;
    if (!(words >> name >> role >> token)) continue;
    if (role == "operator") return token;
    if (first.empty()) first = token;
  }
  return first;
}

void add_admin_address(CLI::App& command, admin_options& options) {
  command
      .add_option(
          "--admin", options.admin,
          fmt::format("Address of the admin port (default: as --config says, else {})", default_admin))
      ->type_name("URL");
  command
      .add_option("--token-file", options.token_file,
                  "File with lines `name role token`; the first operator's is taken (default: the variable "
                  "TICKCAST_ADMIN_TOKEN, then the file that the server makes)")
      ->type_name("FILE");
  command
      .add_option("--ca", options.ca,
                  "PEM file of the authorities to trust with https:// (default: the system's)")
      ->type_name("FILE");
  command
      .add_option("--config", options.config_file,
                  "The server's configuration file: says where its admin port and its tokens are")
      ->type_name("FILE");
}

void add_admin_options(CLI::App& command, admin_options& options) {
  add_admin_address(command, options);
  command.add_flag("--json", options.json, "Print the answer as it came");
}

admin_result<admin_access> find_access(const admin_options& options) {
  admin_access access{.base = options.admin, .token = {}, .token_from = {}, .ca = options.ca};
  std::string token_file = options.token_file;
  if (!options.config_file.empty()) {
    const auto named = read_config(options.config_file);
    if (!named) return tl::unexpected(named.error());
    if (access.base.empty()) access.base = named->admin;
    if (token_file.empty()) token_file = named->token_file;
  }
  if (access.base.empty()) access.base = default_admin;
  access.base.erase(access.base.find_last_not_of('/') + 1);
  const auto* variable = std::getenv(token_variable);
  if (options.token_file.empty() && variable && *variable) {
    access.token = variable;
    access.token_from = token_variable;
    return access;
  }
  if (token_file.empty()) token_file = default_state_directory() + "/admin-tokens";
  read_token(token_file, access);
  if (!options.token_file.empty() && access.token.empty())
    return tl::unexpected(admin_failure{exit_code::usage, access.no_token});
  return access;
}

}  // namespace tickcast::tools
