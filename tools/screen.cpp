#include "tools/screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <sstream>

#include "tools/failure.hpp"
#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

constexpr const char* clear_screen = "\x1b[H\x1b[2J";

// Lines are cut rather than wrapped, and the last ones left out, so that nothing scrolls.
std::string fitting(const std::string& text, screen_size size) {
  std::istringstream lines(text);
  std::string result, line;
  for (std::size_t i = 1; i < size.lines && std::getline(lines, line); ++i)
    result += cut(line, size.columns) + "\n";
  return result;
}

}  // namespace

screen_size size_of_screen() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_col == 0 ? 80U : size.ws_col, size.ws_row == 0 ? 24U : size.ws_row};
}

exit_code show_again(std::string_view command, const admin_client& client, double seconds,
                     const std::function<admin_result<std::string>()>& make) {
  for (;;) {
    const auto text = make();
    if (!text) return tell_failure(command, text.error());
    const auto size = seconds > 0 ? size_of_screen() : screen_size{};
    const auto written = print_out(size.lines == 0 ? *text : clear_screen + fitting(*text, size));
    if (written != exit_code::ok || seconds <= 0) return written;
    if (!client.pause(seconds)) return exit_code::interrupted;
  }
}

}  // namespace tickcast::tools
