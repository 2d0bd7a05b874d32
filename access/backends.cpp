#include "access/backends.hpp"

#include <curl/curl.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "access/callback_client.hpp"
#include "access/django_session.hpp"
#include "access/redis_sessions.hpp"

namespace tickcast::access {
namespace {

using clock = std::chrono::steady_clock;

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// What tells questions to the service apart. Parts cannot hold the separator: headers and JSON text do not
/// bring a zero byte here.
std::string name_of(const credentials& shown) {
  return shown.session + '\0' + shown.token + '\0' + shown.api_key;
}

struct end_multi {
  void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};

CURLM* make_multi() {
  static const auto once = curl_global_init(CURL_GLOBAL_DEFAULT);
  auto* made = once == CURLE_OK ? curl_multi_init() : nullptr;
  if (!made) throw std::runtime_error("libcurl cannot be started");
  return made;
}

}  // namespace

class backends::worker {
public:
  explicit worker(const config::auth_section& settings) : settings_(settings), multi_(make_multi()) {
    if (settings.django.store.starts_with("redis://"))
      redis_.emplace(parse_redis_url(settings.django.store),
                     std::chrono::milliseconds(settings.django.timeout_ms));
    if (!settings.callback.url.empty())
      service_.emplace(settings.callback, settings.django.cookie, multi_.get());
    thread_ = std::thread([this] { run(); });
  }
  ~worker() {
    stop_ = true;
    curl_multi_wakeup(multi_.get());
    thread_.join();
    redis_.reset();
    service_.reset();
    for (auto& each : inbox_) each.done(refuse(reason::unreachable, "the server stops"));
  }

  void ask(std::string name, std::optional<credentials> shown, bool anew, taker done) {
    {
      std::lock_guard guard{mutex_};
      if (waiting_ < most_waiting) {
        ++waiting_;
        inbox_.push_back({std::move(name), std::move(shown), anew, std::move(done)});
        done = nullptr;
      }
    }
    if (done)
      return done(refuse(reason::overloaded, "too many sign-ins are under way: try again in a moment"));
    curl_multi_wakeup(multi_.get());
  }

  figures read_figures() const noexcept {
    const auto reconnects = connects_.load();
    return {asked_, merged_, cached_, failed_, waiting_, reconnects == 0 ? 0 : reconnects - 1};
  }

private:
  struct question {
    std::string name;
    std::optional<credentials> shown;  ///< nothing: a session in Redis
    bool anew;
    taker done;
  };
  struct answer_kept {
    verdict said;
    clock::time_point until;
  };

  void run() {
    while (!stop_) {
      take_inbox();
      int running = 0;
      if (service_) {
        curl_multi_perform(multi_.get(), &running);
        service_->take_answers();
      }
      if (redis_) {
        redis_->work(0, clock::now());
        connects_ = redis_->connects();
      }
      wait();
    }
  }

  void wait() {
    const auto now = clock::now();
    auto until =
        now + (service_ && !service_->is_idle() ? std::chrono::milliseconds(100) : std::chrono::seconds(1));
    curl_waitfd extra{};
    unsigned extras = 0;
    if (redis_) {
      until = std::min(until, redis_->next(now));
      if (const auto wanted = redis_->wants(); wanted.fd >= 0) {
        extra.fd = wanted.fd;
        extra.events = static_cast<short>(((wanted.events & POLLIN) != 0 ? CURL_WAIT_POLLIN : 0) |
                                          ((wanted.events & POLLOUT) != 0 ? CURL_WAIT_POLLOUT : 0));
        extras = 1;
      }
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    curl_multi_poll(multi_.get(), &extra, extras, static_cast<int>(std::max<std::int64_t>(left, 0)), nullptr);
    if (extras == 0) return;
    short events = 0;
    if ((extra.revents & CURL_WAIT_POLLIN) != 0) events |= POLLIN;
    if ((extra.revents & CURL_WAIT_POLLOUT) != 0) events |= POLLOUT;
    // A connection that broke is told by neither; hiredis finds out by reading.
    if (extra.revents != 0 && events == 0) events = POLLIN | POLLOUT;
    if (events != 0) redis_->work(events, clock::now());
  }

  void take_inbox() {
    std::vector<question> taken;
    {
      std::lock_guard guard{mutex_};
      taken.swap(inbox_);
    }
    for (auto& each : taken) start(std::move(each));
  }

  void start(question&& what) {
    const bool to_service = what.shown.has_value();
    auto& under_way = to_service ? calls_ : reads_;
    if (const auto found = under_way.find(what.name); found != under_way.end()) {
      ++merged_;
      found->second.push_back(std::move(what.done));
      return;
    }
    if (to_service && !what.anew) {
      if (const auto known = kept_.find(what.name);
          known != kept_.end() && known->second.until > clock::now()) {
        ++cached_;
        --waiting_;
        return what.done(known->second.said);
      }
    }
    ++asked_;
    const auto name = what.name;
    under_way[name].push_back(std::move(what.done));
    if (to_service)
      service_->ask(*what.shown, [this, name](verdict said) {
        keep(name, said);
        end(calls_, name, said);
      });
    else
      redis_->read(cache_key(settings_.django, name), clock::now(),
                   [this, name](redis_sessions::found found) { end(reads_, name, judge(found)); });
  }

  using waiting_takers = std::unordered_map<std::string, std::vector<taker>>;
  void end(waiting_takers& under_way, const std::string& name, const verdict& said) {
    const auto found = under_way.find(name);
    if (found == under_way.end()) return;
    const auto takers = std::move(found->second);
    under_way.erase(found);
    if (!said && said.error().why == reason::unreachable) ++failed_;
    waiting_ -= takers.size();
    for (const auto& each : takers) each(said);
  }

  verdict judge(const redis_sessions::found& found) const {
    if (!found.answered)
      return refuse(reason::unreachable, "sessions cannot be read just now: " + found.problem);
    if (!found.bytes) return refuse(reason::no_session, "there is no such session: sign in again");
    return access::read_session(settings_.django, *found.bytes,
                                found.left_ms < 0 ? 0 : now_us() + found.left_ms * 1000);
  }

  void keep(const std::string& name, const verdict& said) {
    const auto holds = std::chrono::milliseconds(settings_.callback.cache_ms);
    if (holds.count() == 0 || (!said && said.error().why == reason::unreachable)) return;
    const auto now = clock::now();
    while (!oldest_.empty() && (oldest_.size() >= most_kept || oldest_.front().second <= now)) {
      if (const auto found = kept_.find(oldest_.front().first);
          found != kept_.end() && found->second.until <= oldest_.front().second)
        kept_.erase(found);
      oldest_.pop_front();
    }
    auto until = now + holds;
    // Not beyond its own end: a session that was prolonged is asked about again.
    if (said && said->expires_us != 0) {
      const auto left_us = std::clamp<std::int64_t>(said->expires_us - now_us(), 0, holds.count() * 1000);
      until = std::min(until, now + std::chrono::microseconds(left_us));
    }
    kept_.insert_or_assign(name, answer_kept{said, until});
    oldest_.emplace_back(name, now + holds);
  }

  const config::auth_section settings_;
  std::unique_ptr<CURLM, end_multi> multi_;
  std::optional<redis_sessions> redis_;
  std::optional<callback_client> service_;
  waiting_takers reads_, calls_;
  std::unordered_map<std::string, answer_kept> kept_;
  std::deque<std::pair<std::string, clock::time_point>> oldest_;
  std::atomic<std::uint64_t> asked_{0}, merged_{0}, cached_{0}, failed_{0}, waiting_{0}, connects_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<question> inbox_;
  std::thread thread_;
};

backends::backends(const config::auth_section& settings) : worker_(std::make_unique<worker>(settings)) {}

backends::~backends() = default;

void backends::read_session(std::string session_key, taker done) {
  worker_->ask(std::move(session_key), std::nullopt, true, std::move(done));
}

void backends::call_back(const credentials& shown, bool anew, taker done) {
  worker_->ask(name_of(shown), shown, anew, std::move(done));
}

backends::figures backends::read_figures() const noexcept {
  return worker_->read_figures();
}

}  // namespace tickcast::access
