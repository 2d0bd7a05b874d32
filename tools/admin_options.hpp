#pragma once
#include <string>
#include <tl/expected.hpp>

#include "tools/command.hpp"

namespace CLI {
class App;
}

namespace tickcast::tools {

/// What every command to a running server's admin port has.
struct admin_options {
  std::string admin;        ///< URL; empty: as `config_file` says, else the default
  std::string token_file;   ///< empty: the environment, then as `config_file` says, else the default
  std::string config_file;  ///< the server's configuration
  std::string ca;           ///< PEM file of authorities to trust; empty: the system's
  bool json = false;        ///< print the answer as it came
};

void add_admin_options(CLI::App& command, admin_options& options);
/// The same without --json, for commands that have an output of their own.
void add_admin_address(CLI::App& command, admin_options& options);

/// Why a command cannot go on: what it says on stderr (nothing after an interrupt), and what it ends with.
struct admin_failure {
  exit_code code = exit_code::failed;
  std::string message;
  unsigned status = 0;  ///< of the server's answer, where it gave one
};
template <class T>
using admin_result = tl::expected<T, admin_failure>;

/// Where to ask, and as whom.
struct admin_access {
  std::string base;        ///< URL without a slash at its end
  std::string token;       ///< empty: none was found
  std::string token_from;  ///< the file, or "TICKCAST_ADMIN_TOKEN"
  std::string no_token{};  ///< why there is none
  std::string ca{};        ///< as in admin_options
};

/// Reads what the options name. A missing token is no failure until the server asks for one, unless a file
/// was named.
admin_result<admin_access> find_access(const admin_options& options);

/// The token in the text of a token file (lines `name role token`, `#` begins a comment): the first
/// operator's, else the first; empty when there is none.
std::string token_in(std::string_view text);

}  // namespace tickcast::tools
