#include "net/admin/admin_request.hpp"

#include <atomic>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace tickcast::net::admin {

std::string_view to_string(role of) noexcept {
  return of == role::operator_ ? "operator" : "viewer";
}

std::string admin_request::text(std::string_view name) const {
  return std::string(query.parameter(name).value_or(std::string_view{}));
}

http_answer refuse(admin_error code, std::string_view message) {
  struct entry {
    unsigned status;
    std::string_view word;
  };
  constexpr entry entries[]{{400, "bad_request"}, {401, "token"},     {403, "role"},     {403, "origin"},
                            {403, "host"},        {404, "not_found"}, {405, "method"},   {409, "conflict"},
                            {413, "too_large"},   {429, "too_many"},  {500, "internal"}, {504, "timeout"}};
  const auto& [status, word] = entries[static_cast<std::size_t>(code)];
  const nlohmann::json body{{"error", {{"status", status}, {"code", word}, {"message", message}}}};
  return {.status = status, .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

http_answer json_answer(const nlohmann::json& body) {
  return {.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

std::optional<std::uint64_t> read_id(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::int64_t now_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

struct responder::state {
  state(asio::io_context& on, receiver to) : context(on), take(std::move(to)), timer(on.get_executor()) {}
  ~state() {
    if (!answered && take)
      asio::post(context, [to = std::move(take)] {
        to(refuse(admin_error::internal, "the request was dropped without an answer"));
      });
  }

  asio::io_context& context;
  receiver take;  // admin thread
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             executor>
      timer;
  std::atomic<bool> answered{false};
};

responder::responder(asio::io_context& context, receiver take)
    : state_(std::make_shared<state>(context, std::move(take))) {}

void responder::operator()(http_answer answer) const {
  if (state_->answered.exchange(true)) return;
  asio::post(state_->context, [mine = state_, answer = std::move(answer)]() mutable {
    mine->timer.cancel();
    if (const auto to = std::exchange(mine->take, nullptr)) to(std::move(answer));
  });
}

void responder::within(std::chrono::milliseconds time, std::function<http_answer()> otherwise) const {
  state_->timer.expires_after(time);
  state_->timer.async_wait([mine = std::weak_ptr(state_), otherwise = std::move(otherwise)](error_code ec) {
    const auto still = mine.lock();
    if (ec || !still || still->answered.exchange(true)) return;
    if (const auto to = std::exchange(still->take, nullptr)) to(otherwise());
  });
}

}  // namespace tickcast::net::admin
