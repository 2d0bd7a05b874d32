#include "tools/interrupt.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

namespace tickcast::tools {

interrupt::interrupt(std::initializer_list<int> of) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : of) sigaddset(&signals, each);
  if (const int failed = pthread_sigmask(SIG_BLOCK, &signals, nullptr); failed != 0)
    throw std::system_error(failed, std::generic_category(), "cannot block signals");
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

void interrupt::take() noexcept {
  signalfd_siginfo one{};
  while (::read(fd_, &one, sizeof one) == static_cast<ssize_t>(sizeof one)) {
  }
}

}  // namespace tickcast::tools
