#include "feeds/redis/redis_source.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <poll.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "actors/runtime/log.hpp"
#include "feeds/zmq_source.hpp"

namespace tickcast::feeds {
namespace {

/// For answers; a Redis that takes longer is as good as away.
constexpr std::chrono::milliseconds patience{5000};
/// With nothing to do, a command goes out to see whether Redis is there.
constexpr std::chrono::milliseconds ping_every{2000};
constexpr std::chrono::milliseconds expire_every{100};
/// Clients' messages that are on their way to Redis at once.
constexpr std::size_t most_pushing = 256;

access::redis_address address_of(const std::string& url) {
  try {
    return access::parse_redis_url(url, "redis.url");
  } catch (const std::exception& why) {
    throw feed_error(why.what());
  }
}

}  // namespace

redis_source::redis_source(const config::redis_section& settings, actors::service_office& office,
                           redis_calls& calls, actors::feed_entry& entry,
                           std::vector<redis_queue_counters*> queues)
    : settings_(settings),
      where_(address_of(settings.url)),
      office_(office),
      calls_(calls),
      entry_(entry),
      commands_(where_, patience,
                {[this] {
                   for (auto& each : queues_) each->begin();
                 },
                 [this] {
                   pushing_ = 0;
                   for (auto& each : queues_) each->lost();
                 }}),
      ears_(where_, patience,
            {[this] {
               ears_.listen(settings_.channels, [this](std::string_view payload) {
                 decode_service_body(payload, protocol::feed_format::automatic, out_->sink());
               });
             },
             {}}) {
  for (std::size_t i = 0; i < settings_.queues.size(); ++i) {
    redis_queue_ways ways;
    ways.carry_out = [this, i](queued_command&& what, std::uint64_t entry_id, std::size_t part) {
      office_.carry_out(std::move(what.what), what.key, what.content,
                        [box = results_, i, entry_id, part](const actors::service_office::result& how) {
                          box->put({i, entry_id, part, how ? std::nullopt : std::optional(how.error())});
                        });
    };
    ways.answer = [this](queued_answer&& what) { calls_.answer(what.id, std::move(what.what)); };
    ways.heard = [this] {
      actors::bump(entry_.messages);
      entry_.last_tick_ns.store(actors::feed_board::steady_now_ns(), std::memory_order_relaxed);
    };
    queues_.push_back(std::make_unique<redis_queue>(settings_.queues[i], settings_.processing, where_,
                                                    commands_, std::move(ways), *queues[i]));
  }
}

redis_source::~redis_source() {
  // Who waits for an answer is a member.
  close();
}

void redis_source::close() {
  ears_.close();
  for (auto& each : queues_) each->bell().close();
  commands_.close();
}

std::string redis_source::endpoint() const {
  return fmt::format("redis://{}:{}/{}", where_.host, where_.port, where_.database);
}

void redis_source::run(const stop_signal& stop, feed_out& out) {
  out_ = &out;
  try {
    while (!stop.requested()) turn(&out, stop.fd(), true);
    finish(out);
  } catch (...) {
    out.flush();
    throw;
  }
}

/// What was taken is finished, as far as it can be in the time.
void redis_source::finish(feed_out& out) {
  const auto deadline = clock::now() + closing_time;
  ears_.close();
  while (commands_.up() && !quiet() && clock::now() < deadline) turn(&out, -1, false);
  close();
  entry_.peers.now.store(0, std::memory_order_release);
  told_problem_.clear();
  out.flush();
}

bool redis_source::quiet() const {
  return pushing_ == 0 &&
         std::all_of(queues_.begin(), queues_.end(), [](const auto& each) { return each->quiet(); });
}

void redis_source::rest(const stop_signal& stop) {
  while (!stop.requested()) {
    pollfd what{stop.fd(), POLLIN, 0};
    ::poll(&what, 1, static_cast<int>(expire_every.count()));
    calls_.expire(clock::now());
  }
}

/// The other connections are made when the common one is there.
bool redis_source::is_wanted(const redis_link& which, bool fetching) const {
  return which.exists() || (commands_.up() && fetching);
}

redis_source::clock::duration redis_source::time_to_wait(clock::time_point now, bool fetching) const {
  auto when = std::min(now + expire_every, commands_.next(now));
  if (!settings_.channels.empty() && is_wanted(ears_, fetching)) when = std::min(when, ears_.next(now));
  for (const auto& each : queues_) {
    when = std::min(when, each->next(now));
    if (is_wanted(each->bell(), fetching)) when = std::min(when, each->bell().next(now));
  }
  return std::max<clock::duration>(when - now, clock::duration::zero());
}

void redis_source::turn(feed_out* out, int stop_fd, bool fetching) {
  // Out of credit, channels wait in Redis.
  const bool may_hear = fetching && out->may_read();
  std::vector<pollfd> set{
      {stop_fd, POLLIN, 0},
      {results_->fd(), POLLIN, 0},
      {calls_.fd(), static_cast<short>(commands_.up() && pushing_ < most_pushing ? POLLIN : 0), 0},
      {may_hear || !fetching ? -1 : out->credit_fd(), POLLIN, 0},
      commands_.wants(),
      ears_.wants(may_hear)};
  for (const auto& each : queues_) set.push_back(each->bell().wants());
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(time_to_wait(clock::now(), fetching));
  ::poll(set.data(), set.size(), static_cast<int>(wait.count()));
  std::vector<short> found;
  for (const auto& each : set) found.push_back(each.revents);
  const auto now = clock::now();
  work_links({found.begin() + 4, found.end()}, now, fetching);
  for (const auto& each : results_->take()) queues_[each.queue]->result(each);
  for (auto& each : queues_) each->turn(now, fetching);
  if (fetching) push_calls();
  look_after(now);
  tell_peers();
  out->flush();
}

void redis_source::look_after(clock::time_point now) {
  if (now - expired_ >= expire_every) {
    expired_ = now;
    calls_.expire(now);
  }
  if (commands_.up() && commands_.waiting() == 0 && now - pinged_ >= ping_every) {
    pinged_ = now;
    commands_.send({"PING"}, [](const redisReply*) {});
  }
}

void redis_source::work_links(const std::vector<short>& found, clock::time_point now, bool fetching) {
  commands_.work(found[0], now);
  if (!settings_.channels.empty() && is_wanted(ears_, fetching)) ears_.work(found[1], now);
  for (std::size_t i = 0; i < queues_.size(); ++i)
    if (is_wanted(queues_[i]->bell(), fetching)) queues_[i]->bell().work(found[2 + i], now);
}

void redis_source::push_calls() {
  if (!commands_.up() || pushing_ >= most_pushing) return;
  for (const auto& each : calls_.take(most_pushing - pushing_)) {
    ++pushing_;
    commands_.send({"RPUSH", each.list, each.payload}, [this, number = each.number](const redisReply* reply) {
      // Without a reply it may have been pushed or not: the caller is told so when its time is over.
      if (!reply) return;
      --pushing_;
      if (reply->type == REDIS_REPLY_ERROR)
        calls_.was_refused(number,
                           fmt::format("Redis refuses it: {}", std::string_view(reply->str, reply->len)));
      else
        calls_.was_pushed();
    });
  }
}

void redis_source::tell_peers() {
  auto& peers = entry_.peers;
  const bool up = commands_.up() && (settings_.channels.empty() || ears_.up());
  const auto& problem = commands_.up() ? ears_.problem() : commands_.problem();
  if (!up && problem != told_problem_ && (!commands_.up() || ears_.failures() > 0)) {
    told_problem_ = problem;
    actors::log(actors::component::feeds).warn("redis: {}: {}", endpoint(), problem);
  }
  peers.retries.store(commands_.failures() + ears_.failures(), std::memory_order_relaxed);
  if (up == (peers.now.load(std::memory_order_relaxed) > 0)) return;
  if (up) {
    told_problem_.clear();
    actors::log(actors::component::feeds).info("redis: {} is reached", endpoint());
    peers.last.set(fmt::format("{}:{}", where_.host, where_.port));
    actors::bump(peers.connects);
    entry_.last_tick_ns.store(actors::feed_board::steady_now_ns(), std::memory_order_relaxed);
  } else {
    actors::bump(peers.disconnects);
  }
  peers.now.store(up ? 1 : 0, std::memory_order_release);
}

}  // namespace tickcast::feeds
