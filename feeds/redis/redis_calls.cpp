#include "feeds/redis/redis_calls.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <random>
#include <system_error>
#include <utility>

#include "protocol/json_writer.hpp"

namespace tickcast::feeds {
namespace {

using protocol::error_code;

int make_eventfd() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

std::string fresh_prefix() {
  std::random_device random;
  return fmt::format("c{:08x}{:08x}.", random(), random());
}

}  // namespace

redis_calls::redis_calls(const config::config& settings)
    : settings_(settings), prefix_(fresh_prefix()), fd_(make_eventfd()) {}

redis_calls::~redis_calls() {
  ::close(fd_);
}

void redis_calls::put(const actors::client_call& what, clock::time_point now) {
  const auto reject = [&](error_code code, std::string why) {
    actors::bump(counters_.refused);
    if (what.back) what.back->reject(code, std::move(why));
  };
  const auto list = settings_.redis.claims.find(what.type);
  if (list == settings_.redis.claims.end())
    return reject(error_code::unknown_command, "no backend takes this any more");
  {
    const std::lock_guard guard{mutex_};
    const bool full = waiting_.size() >= settings_.redis.waiting;
    if (!full && (!what.back || open_.size() < settings_.service.calls)) {
      const auto number = what.back ? ++last_ : 0;
      if (what.back) {
        open_.emplace(number, open_call{what.back, false});
        by_age_.emplace_back(now, number);
      }
      waiting_.push_back({number, list->second, encode(what, number)});
      count();
      const std::uint64_t one = 1;
      [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
      return;
    }
  }
  reject(error_code::too_many_requests, "the backend has too many messages waiting: try again later");
}

std::string redis_calls::encode(const actors::client_call& what, std::uint64_t number) const {
  std::string text;
  {
    protocol::json_writer to(text);
    to.begin_map();
    to.key("type");
    to.text(what.type);
    to.key("src");
    to.plain("tickcast");
    if (number != 0) {
      to.key("id");
      to.plain(prefix_ + std::to_string(number));
    }
    to.key("data");
    to.json(what.data);
    if (const auto& who = what.who->who(); who.signed_in()) {
      to.key("user");
      to.text(who.user);
    }
    to.key("client");
    to.text(what.client);
    to.end_map();
  }
  return text;
}

std::vector<redis_calls::outgoing> redis_calls::take(std::size_t most) {
  std::uint64_t times;
  [[maybe_unused]] const auto got = ::read(fd_, &times, sizeof times);
  std::vector<outgoing> result;
  const std::lock_guard guard{mutex_};
  while (!waiting_.empty() && result.size() < most) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.number != 0) {
      const auto call = open_.find(next.number);
      // Whoever sent it has been told that it was not done.
      if (call == open_.end()) continue;
      call->second.taken = true;
    }
    result.push_back(std::move(next));
  }
  count();
  return result;
}

std::shared_ptr<actors::call_errand> redis_calls::close(std::uint64_t number) {
  const std::lock_guard guard{mutex_};
  const auto found = open_.find(number);
  if (found == open_.end()) return nullptr;
  auto back = std::move(found->second.back);
  open_.erase(found);
  count();
  return back;
}

void redis_calls::was_refused(std::uint64_t number, std::string why) {
  actors::bump(counters_.refused);
  if (const auto back = close(number)) back->reject(error_code::not_available, std::move(why));
}

bool redis_calls::answer(std::string_view id, actors::call_result what) {
  std::uint64_t number = 0;
  if (id.starts_with(prefix_)) {
    id.remove_prefix(prefix_.size());
    const auto [end, failed] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (failed != std::errc{} || end != id.data() + id.size()) number = 0;
  }
  const auto back = close(number);
  if (back)
    back->answer(std::move(what));
  else
    actors::bump(counters_.answers_unknown);
  return back != nullptr;
}

void redis_calls::expire(clock::time_point now) {
  const auto oldest = now - std::chrono::milliseconds(settings_.service.call_ms);
  std::vector<open_call> over;
  {
    const std::lock_guard guard{mutex_};
    while (!by_age_.empty() && by_age_.front().first <= oldest) {
      if (auto found = open_.extract(by_age_.front().second)) over.push_back(std::move(found.mapped()));
      by_age_.pop_front();
    }
    count();
  }
  for (const auto& each : over) {
    actors::bump(counters_.overdue);
    if (each.taken)
      each.back->reject(error_code::no_answer,
                        "the backend did not answer within service.call_ms: it may have been done, look "
                        "before you try again");
    else
      each.back->reject(error_code::internal, "Redis is away: it was not done, try again");
  }
}

void redis_calls::count() {
  counters_.waiting.store(waiting_.size(), std::memory_order_relaxed);
  counters_.open.store(open_.size(), std::memory_order_relaxed);
}

}  // namespace tickcast::feeds
