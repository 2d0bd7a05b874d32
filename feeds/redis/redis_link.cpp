#include "feeds/redis/redis_link.hpp"

#include <fmt/format.h>
#include <hiredis/async.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace tickcast::feeds {
namespace {

constexpr std::chrono::milliseconds longest_back_off{1000};
constexpr std::chrono::milliseconds shortest_back_off{50};
constexpr std::chrono::milliseconds handshake{2000};

bool is_pattern(std::string_view name) {
  return name.find_first_of("*?[") != std::string_view::npos;
}

std::string_view text_of(const redisReply* reply) {
  return {reply->str, reply->len};
}

}  // namespace

/// hiredis is C: nothing may be thrown through it.
template <class F>
void redis_link::guarded(const F& what) noexcept {
  try {
    what();
  } catch (...) {
    if (!thrown_) thrown_ = std::current_exception();
  }
}

/// What hiredis calls back; it knows no C++.
struct redis_link::hooks {
  static redis_link& of(void* self) { return *static_cast<redis_link*>(self); }
  static void add_read(void* self) { of(self).wants_read_ = true; }
  static void del_read(void* self) { of(self).wants_read_ = false; }
  static void add_write(void* self) { of(self).wants_write_ = true; }
  static void del_write(void* self) { of(self).wants_write_ = false; }
  static void clean_up(void* self) { of(self).wants_read_ = of(self).wants_write_ = false; }

  static void connected(const redisAsyncContext* link, int status) {
    auto& mine = of(link->data);
    if (status == REDIS_OK) return;
    mine.problem_ = fmt::format("it cannot be reached: {}", link->errstr);
    mine.lose();
  }
  static void disconnected(const redisAsyncContext* link, int) {
    auto& mine = of(link->data);
    if (mine.up_) mine.problem_ = fmt::format("the connection broke: {}", link->errstr ? link->errstr : "");
    mine.lose();
  }
  /// Of AUTH and SELECT.
  static void prepared(redisAsyncContext* link, void* answer, void*) {
    const auto* reply = static_cast<redisReply*>(answer);
    if (reply && reply->type == REDIS_REPLY_ERROR) refuse(of(link->data), reply);
  }
  /// Of the PING behind them.
  static void ready(redisAsyncContext* link, void* answer, void*) {
    auto& mine = of(link->data);
    const auto* reply = static_cast<redisReply*>(answer);
    if (!reply) return;
    if (reply->type == REDIS_REPLY_ERROR) refuse(mine, reply);
    if (mine.refused_) return redisAsyncDisconnect(link);
    mine.up_ = true;
    mine.back_off_ = shortest_back_off;
    if (mine.tell_.up) mine.guarded(mine.tell_.up);
  }
  static void refuse(redis_link& mine, const redisReply* reply) {
    if (!std::exchange(mine.refused_, true)) mine.problem_ = fmt::format("it refuses: {}", text_of(reply));
  }
  static void answered(redisAsyncContext* link, void* answer, void* data) {
    const std::unique_ptr<taker> done(static_cast<taker*>(data));
    auto& mine = of(link->data);
    if (!mine.sent_.empty()) mine.sent_.pop_front();
    mine.guarded([&] { (*done)(static_cast<const redisReply*>(answer)); });
  }
  /// Of SUBSCRIBE and PSUBSCRIBE: each message, too.
  static void heard(redisAsyncContext* link, void* answer, void*) {
    auto& mine = of(link->data);
    const auto* reply = static_cast<redisReply*>(answer);
    if (!reply) return;
    if (reply->type == REDIS_REPLY_ERROR) {
      refuse(mine, reply);
      return redisAsyncDisconnect(link);
    }
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 3) return;
    const auto kind = text_of(reply->element[0]);
    if (kind != "message" && kind != "pmessage") return;
    const auto* payload = reply->element[reply->elements - 1];
    if (payload->type == REDIS_REPLY_STRING) mine.guarded([&] { mine.heard_(text_of(payload)); });
  }
};

redis_link::redis_link(access::redis_address where, std::chrono::milliseconds patience, events tell)
    : where_(std::move(where)), patience_(patience), tell_(std::move(tell)) {}

redis_link::~redis_link() {
  tell_ = {};
  close();
}

void redis_link::close() {
  if (!link_) return;
  redisAsyncFree(link_);
  lose();
}

void redis_link::send(std::initializer_list<std::string_view> words, taker done) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto& each : words) {
    texts.push_back(each.data());
    sizes.push_back(each.size());
  }
  auto held = std::make_unique<taker>(std::move(done));
  if (link_ && redisAsyncCommandArgv(link_, hooks::answered, held.get(), static_cast<int>(texts.size()),
                                     texts.data(), sizes.data()) == REDIS_OK) {
    [[maybe_unused]] const auto* kept = held.release();  // answered() has it
    sent_.push_back(clock::now());
    return;
  }
  (*held)(nullptr);
}

void redis_link::listen(const std::vector<std::string>& channels, listener heard) {
  heard_ = std::move(heard);
  if (!link_) return;
  for (const bool patterns : {false, true}) {
    std::vector<const char*> texts{patterns ? "PSUBSCRIBE" : "SUBSCRIBE"};
    std::vector<std::size_t> sizes{std::string_view(texts[0]).size()};
    for (const auto& each : channels) {
      if (is_pattern(each) != patterns) continue;
      texts.push_back(each.data());
      sizes.push_back(each.size());
    }
    if (texts.size() > 1)
      redisAsyncCommandArgv(link_, hooks::heard, nullptr, static_cast<int>(texts.size()), texts.data(),
                            sizes.data());
  }
}

pollfd redis_link::wants(bool reading) const noexcept {
  if (!link_) return {-1, 0, 0};
  const auto wanted = (wants_read_ && reading ? POLLIN : 0) | (wants_write_ ? POLLOUT : 0);
  return {link_->c.fd, static_cast<short>(wanted), 0};
}

redis_link::clock::time_point redis_link::next(clock::time_point now) const noexcept {
  if (!link_) return try_again_;
  if (!up_) return up_by_;
  return sent_.empty() ? now + std::chrono::hours(1) : sent_.front() + patience_;
}

void redis_link::work(short found, clock::time_point now) {
  if (link_ && (found & (POLLIN | POLLHUP | POLLERR)) != 0 && wants_read_) redisAsyncHandleRead(link_);
  if (link_ && (found & (POLLOUT | POLLHUP | POLLERR)) != 0 && wants_write_) redisAsyncHandleWrite(link_);
  if (link_ && !up_ && now >= up_by_) fail("it does not answer");
  if (link_ && up_ && !sent_.empty() && now >= sent_.front() + patience_) fail("it has stopped answering");
  if (!link_ && now >= try_again_) connect(now);
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void redis_link::connect(clock::time_point now) {
  try_again_ = now + back_off_;
  back_off_ = std::min(2 * back_off_, longest_back_off);
  auto* made = redisAsyncConnect(where_.host.c_str(), where_.port);
  if (!made || made->err != 0) {
    problem_ = fmt::format("it cannot be reached: {}", made ? made->errstr : "out of memory");
    ++failures_;
    if (made) redisAsyncFree(made);
    return;
  }
  link_ = made;
  refused_ = false;
  up_by_ = now + handshake;
  redisEnableKeepAlive(&made->c);
  made->data = this;
  made->ev.data = this;
  made->ev.addRead = hooks::add_read;
  made->ev.delRead = hooks::del_read;
  made->ev.addWrite = hooks::add_write;
  made->ev.delWrite = hooks::del_write;
  made->ev.cleanup = hooks::clean_up;
  redisAsyncSetConnectCallback(made, hooks::connected);
  redisAsyncSetDisconnectCallback(made, hooks::disconnected);
  shake_hands();
}

void redis_link::shake_hands() {
  if (!where_.password.empty() && !where_.user.empty())
    redisAsyncCommand(link_, hooks::prepared, nullptr, "AUTH %s %s", where_.user.c_str(),
                      where_.password.c_str());
  else if (!where_.password.empty())
    redisAsyncCommand(link_, hooks::prepared, nullptr, "AUTH %s", where_.password.c_str());
  if (where_.database != 0) redisAsyncCommand(link_, hooks::prepared, nullptr, "SELECT %d", where_.database);
  redisAsyncCommand(link_, hooks::ready, nullptr, "PING");
}

void redis_link::fail(std::string why) {
  close();
  problem_ = std::move(why);
}

void redis_link::lose() {
  if (!link_) return;
  link_ = nullptr;
  sent_.clear();
  wants_read_ = wants_write_ = false;
  if (!std::exchange(up_, false))
    ++failures_;
  else if (tell_.down)
    guarded(tell_.down);
}

}  // namespace tickcast::feeds
