#include "tools/terminal.hpp"

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

namespace tickcast::tools {
namespace {

constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view leave = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view from_top = "\x1b[H";
constexpr std::string_view clear_rest = "\x1b[J";

void write_out(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

terminal::terminal(int stop_fd) : stop_fd_(stop_fd) {
  if (::tcgetattr(STDIN_FILENO, &before_) == 0) {
    has_keys_ = true;
    auto raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    // Stopped in the middle it would leave its screen behind.
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  write_out(enter);
}

terminal::~terminal() {
  write_out(leave);
  if (has_keys_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

void terminal::show(const std::string& page) const {
  write_out(std::string(from_top) + page + std::string(clear_rest));
}

terminal::press terminal::wait(int ms) {
  pollfd waiting[2]{{stop_fd_, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  if (::poll(waiting, has_keys_ ? 2 : 1, ms) <= 0) return {};
  if (waiting[0].revents != 0) return {key::interrupted};
  char first = 0;
  if (::read(STDIN_FILENO, &first, 1) == 1) return take(first);
  has_keys_ = has_keys_ && (waiting[1].revents & (POLLHUP | POLLERR)) == 0;
  return {};
}

// Arrows and their like come as an escape sequence; what is unknown of it is swallowed.
terminal::press terminal::take(char first) {
  if (first != '\x1b') return {key::other, first};
  char rest[8]{};
  const auto got = ::read(STDIN_FILENO, rest, sizeof rest - 1);
  const std::string_view sequence(rest, got > 0 ? static_cast<std::size_t>(got) : 0);
  if (sequence == "[A" || sequence == "OA") return {key::up};
  if (sequence == "[B" || sequence == "OB") return {key::down};
  if (sequence == "[5~") return {key::page_up};
  if (sequence == "[6~") return {key::page_down};
  if (sequence == "[H" || sequence == "OH" || sequence == "[1~") return {key::home};
  return {};
}

}  // namespace tickcast::tools
