#include "access/redis_sessions.hpp"

#include <fmt/format.h>
#include <hiredis/async.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace tickcast::access {
namespace {

constexpr std::chrono::milliseconds longest_back_off{1000};
constexpr std::chrono::milliseconds shortest_back_off{50};

template <class Number>
Number read_number(std::string_view text, std::string_view what, std::string_view key) {
  Number value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value < 0)
    throw std::runtime_error(fmt::format("{}: \"{}\" is no {}", key, text, what));
  return value;
}

}  // namespace

redis_address parse_redis_url(std::string_view url, std::string_view key) {
  constexpr std::string_view scheme = "redis://";
  if (!url.starts_with(scheme))
    throw std::runtime_error(fmt::format("{}: a Redis is named redis://host[:port][/db]", key));
  url.remove_prefix(scheme.size());
  redis_address made;
  if (const auto slash = url.find('/'); slash != std::string_view::npos) {
    if (slash + 1 < url.size()) made.database = read_number<int>(url.substr(slash + 1), "database", key);
    url = url.substr(0, slash);
  }
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    const auto secret = url.substr(0, at);
    const auto colon = secret.find(':');
    made.user = secret.substr(0, colon);
    if (colon != std::string_view::npos) made.password = secret.substr(colon + 1);
    url.remove_prefix(at + 1);
  }
  const auto bracket = url.find(']');
  const auto colon = url.find(':', bracket == std::string_view::npos ? 0 : bracket);
  made.host = url.substr(0, colon);
  if (made.host.starts_with('[') && made.host.ends_with(']'))
    made.host = made.host.substr(1, made.host.size() - 2);
  if (colon != std::string_view::npos) made.port = read_number<int>(url.substr(colon + 1), "port", key);
  return made;
}

/// What hiredis calls back; it knows no C++.
struct redis_sessions::hooks {
  static redis_sessions& of(void* self) { return *static_cast<redis_sessions*>(self); }
  static void add_read(void* self) { of(self).wants_read_ = true; }
  static void del_read(void* self) { of(self).wants_read_ = false; }
  static void add_write(void* self) { of(self).wants_write_ = true; }
  static void del_write(void* self) { of(self).wants_write_ = false; }
  static void clean_up(void* self) { of(self).wants_read_ = of(self).wants_write_ = false; }

  static void connected(const redisAsyncContext* link, int status) {
    auto& mine = of(link->data);
    if (status == REDIS_OK) {
      mine.up_ = true;
      mine.back_off_ = shortest_back_off;
      ++mine.connects_;
      return;
    }
    mine.last_problem_ = fmt::format("Redis cannot be reached: {}", link->errstr);
    mine.lose();
  }
  static void disconnected(const redisAsyncContext* link, int) {
    auto& mine = of(link->data);
    mine.last_problem_ = fmt::format("the connection to Redis broke: {}", link->errstr ? link->errstr : "");
    mine.lose();
  }

  /// Of AUTH and SELECT.
  static void set_up(redisAsyncContext* link, void* answer, void*) {
    const auto* reply = static_cast<redisReply*>(answer);
    if (reply && reply->type == REDIS_REPLY_ERROR)
      of(link->data).last_problem_ = "Redis refuses: " + std::string(reply->str, reply->len);
  }
  /// Sessions of another database are another site's: after a SELECT that failed none is read.
  static void selected(redisAsyncContext* link, void* answer, void* data) {
    set_up(link, answer, data);
    const auto* reply = static_cast<redisReply*>(answer);
    if (reply && reply->type == REDIS_REPLY_ERROR) of(link->data).wrong_database_ = true;
  }
  static void got(redisAsyncContext* link, void* answer, void* data) {
    const auto& which = *static_cast<request_ptr*>(data);
    const auto* reply = static_cast<redisReply*>(answer);
    // Without a reply the connection is gone: PTTL's call-back, the request's last, looks after that.
    if (!reply || which->ended) return;
    if (of(link->data).wrong_database_) return of(link->data).end(which, of(link->data).last_problem_);
    if (reply->type == REDIS_REPLY_ERROR)
      return of(link->data).end(which, "Redis refuses: " + std::string(reply->str, reply->len));
    which->so_far.bytes.reset();
    if (reply->type == REDIS_REPLY_STRING) which->so_far.bytes.emplace(reply->str, reply->len);
  }
  static void timed(redisAsyncContext* link, void* answer, void* data) {
    const std::unique_ptr<request_ptr> held(static_cast<request_ptr*>(data));
    const auto& which = *held;
    const auto* reply = static_cast<redisReply*>(answer);
    if (which->ended) return;
    if (!reply) {
      which->sent = false;
      return;
    }
    if (reply->type != REDIS_REPLY_INTEGER) return of(link->data).end(which, "Redis gives no time to live");
    // -2: it went between the two commands.
    if (reply->integer == -2) which->so_far.bytes.reset();
    which->so_far.left_ms = reply->integer < 0 ? -1 : reply->integer;
    which->so_far.answered = true;
    of(link->data).end(which, {});
  }
};

redis_sessions::redis_sessions(redis_address where, std::chrono::milliseconds patience)
    : where_(std::move(where)), patience_(patience) {}

redis_sessions::~redis_sessions() {
  if (link_) redisAsyncFree(std::exchange(link_, nullptr));
  for (const auto& each : std::exchange(requests_, {})) end(each, "the server stops");
}

void redis_sessions::read(std::string key, clock::time_point now, taker done) {
  auto made = std::make_shared<request>();
  made->key = std::move(key);
  made->deadline = now + patience_;
  made->done = std::move(done);
  requests_.push_back(std::move(made));
}

pollfd redis_sessions::wants() const noexcept {
  if (!link_) return {-1, 0, 0};
  const auto events = (wants_read_ ? POLLIN : 0) | (wants_write_ ? POLLOUT : 0);
  return {link_->c.fd, static_cast<short>(events), 0};
}

redis_sessions::clock::time_point redis_sessions::next(clock::time_point now) const noexcept {
  auto when = now + std::chrono::hours(1);
  if (!requests_.empty()) when = std::min(when, requests_.front()->deadline);
  if (!requests_.empty() && !link_) when = std::min(when, try_again_);
  if (link_ && !up_) when = std::min(when, connect_by_);
  return when;
}

void redis_sessions::work(short events, clock::time_point now) {
  if (link_ && (events & (POLLIN | POLLHUP | POLLERR)) != 0 && wants_read_) redisAsyncHandleRead(link_);
  if (link_ && (events & (POLLOUT | POLLHUP | POLLERR)) != 0 && wants_write_) redisAsyncHandleWrite(link_);
  expire(now);
  if (link_ && !up_ && now >= connect_by_) {
    last_problem_ = "Redis does not answer";
    redisAsyncFree(link_);
    lose();
  }
  if (!link_ && !requests_.empty() && now >= try_again_) connect(now);
  if (link_) send_all();
}

void redis_sessions::connect(clock::time_point now) {
  try_again_ = now + back_off_;
  back_off_ = std::min(2 * back_off_, longest_back_off);
  auto* made = redisAsyncConnect(where_.host.c_str(), where_.port);
  if (!made || made->err != 0) {
    last_problem_ = fmt::format("Redis cannot be reached: {}", made ? made->errstr : "out of memory");
    if (made) redisAsyncFree(made);
    return;
  }
  link_ = made;
  up_ = false;
  connect_by_ = now + patience_;
  made->data = this;
  made->ev.data = this;
  made->ev.addRead = hooks::add_read;
  made->ev.delRead = hooks::del_read;
  made->ev.addWrite = hooks::add_write;
  made->ev.delWrite = hooks::del_write;
  made->ev.cleanup = hooks::clean_up;
  redisAsyncSetConnectCallback(made, hooks::connected);
  redisAsyncSetDisconnectCallback(made, hooks::disconnected);
  if (!where_.password.empty() && !where_.user.empty())
    redisAsyncCommand(made, hooks::set_up, nullptr, "AUTH %s %s", where_.user.c_str(),
                      where_.password.c_str());
  else if (!where_.password.empty())
    redisAsyncCommand(made, hooks::set_up, nullptr, "AUTH %s", where_.password.c_str());
  wrong_database_ = false;
  if (where_.database != 0) redisAsyncCommand(made, hooks::selected, nullptr, "SELECT %d", where_.database);
}

void redis_sessions::send_all() {
  for (const auto& each : requests_) {
    if (each->sent) continue;
    each->sent = true;
    auto* held = new request_ptr(each);
    if (redisAsyncCommand(link_, hooks::got, held, "GET %b", each->key.data(), each->key.size()) !=
            REDIS_OK ||
        redisAsyncCommand(link_, hooks::timed, held, "PTTL %b", each->key.data(), each->key.size()) !=
            REDIS_OK) {
      // The connection is being taken down; hiredis has told nobody of this request yet.
      delete held;
      each->sent = false;
      return;
    }
  }
}

void redis_sessions::end(const request_ptr& which, std::string problem) {
  if (std::exchange(which->ended, true)) return;
  which->so_far.problem = std::move(problem);
  std::exchange(which->done, nullptr)(std::move(which->so_far));
}

void redis_sessions::lose() {
  link_ = nullptr;
  up_ = false;
  wants_read_ = wants_write_ = false;
}

void redis_sessions::expire(clock::time_point now) {
  while (!requests_.empty()) {
    const auto oldest = requests_.front();
    if (!oldest->ended && oldest->deadline > now) break;
    requests_.pop_front();
    if (oldest->ended) continue;
    const bool was_sent = oldest->sent;
    end(oldest, was_sent && up_ ? "Redis does not answer in time" : last_problem_);
    // What was asked for and not answered may be stuck behind a connection that is dead without saying so.
    if (was_sent && link_) {
      redisAsyncFree(link_);
      lose();
    }
  }
}

}  // namespace tickcast::access
