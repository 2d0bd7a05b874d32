#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "access/identity.hpp"
#include "config/config.hpp"

namespace tickcast::access {

/// Asks a service of the operator's who a client is: POST of `{"session":…,"token":…,"api_key":…}`, what is
/// not shown left out, with the same as headers (Cookie, Authorization), so that a web framework's own
/// middleware may answer. Uses libcurl's multi interface on a handle that its owner drives; one thread.
class callback_client {
public:
  using taker = std::function<void(verdict)>;

  /// `multi`: a CURLM, which outlives this. Throws std::runtime_error when libcurl does not take the URL.
  callback_client(const config::callback_section& settings, std::string cookie, void* multi);
  ~callback_client();
  callback_client(const callback_client&) = delete;
  callback_client& operator=(const callback_client&) = delete;

  /// `done` is called by take_answers(), once, within callback.timeout_ms; or by the destructor.
  void ask(const credentials& shown, taker done);
  /// Hands on what has come.
  void take_answers();
  bool is_idle() const noexcept { return calls_.empty(); }

private:
  using clock = std::chrono::steady_clock;
  struct call;
  void end(void* easy, int result);

  const config::callback_section settings_;
  const std::string cookie_;
  void* multi_;
  std::map<void*, std::unique_ptr<call>> calls_;
  clock::time_point next_look_{};
};

/// What the service's answer says. 200 with {"user":…,"name":…,"groups":[…],"expires":seconds since 1970};
/// `user` null, empty or left out is nobody; 401 and 403: no; all else is no answer.
verdict read_callback_answer(long status, std::string_view body);

}  // namespace tickcast::access
