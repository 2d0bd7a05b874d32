#pragma once
#include <cstddef>
#include <functional>
#include <string>

#include "tools/admin_client.hpp"

namespace tickcast::tools {

/// Columns and lines of the terminal on stdout; 0 when it is none.
struct screen_size {
  std::size_t columns = 0;
  std::size_t lines = 0;
};
screen_size size_of_screen();

/// Prints what `make` gives, once, or every `seconds` until it is interrupted or fails. A terminal is cleared
/// before each and shows no more than fits; otherwise each follows the last. `seconds` 0: once.
exit_code show_again(std::string_view command, const admin_client& client, double seconds,
                     const std::function<admin_result<std::string>()>& make);

}  // namespace tickcast::tools
