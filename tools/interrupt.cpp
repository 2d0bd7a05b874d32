#include "tools/interrupt.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace tickcast::tools {

interrupt::interrupt() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  if (const int failed = pthread_sigmask(SIG_BLOCK, &signals, nullptr); failed != 0)
    throw std::system_error(failed, std::generic_category(), "cannot block SIGINT and SIGTERM");
  fd_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "cannot make a signalfd");
}

interrupt::~interrupt() {
  ::close(fd_);
}

bool interrupt::came() const noexcept {
  pollfd waiting{fd_, POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

}  // namespace tickcast::tools
