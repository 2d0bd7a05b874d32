#pragma once
#include <termios.h>

#include <string>

#include "tools/screen.hpp"

namespace tickcast::tools {

/// The whole terminal for one program: another screen, no cursor, keys one by one without echo. Everything is
/// put back at the end. Ctrl-C stays a signal. Thread: one.
class terminal {
public:
  enum class key { none, up, down, page_up, page_down, home, interrupted, other };
  struct press {
    key what = key::none;
    char letter = 0;  ///< of `other`
  };

  /// `stop_fd`: readable when the program is interrupted.
  explicit terminal(int stop_fd);
  ~terminal();
  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;

  /// Draws over what stands there.
  void show(const std::string& page) const;
  /// The next key, or none after so many milliseconds.
  press wait(int ms);

private:
  press take(char first);

  int stop_fd_;
  bool has_keys_ = false;  ///< stdin is a terminal
  termios before_{};
};

}  // namespace tickcast::tools
