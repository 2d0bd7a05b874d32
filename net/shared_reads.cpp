#include "net/shared_reads.hpp"

#include <utility>

namespace tickcast::net {

shared_read::shared_read(shared_reads& among, std::string key) : among_(among), key_(std::move(key)) {
  among_.now_.fetch_add(1, std::memory_order_relaxed);
}

shared_read::~shared_read() {
  if (const auto left = among_.take_waiting(*this); !left.empty()) {
    const auto given_up = make_refusal(
        503, "the read was given up: the server stops, or a part of it is just being restarted; try again");
    for (const auto& each : left) each(given_up);
  }
  among_.now_.fetch_sub(1, std::memory_order_relaxed);
}

void shared_read::answer(const http_content_ptr& content) {
  for (const auto& each : among_.take_waiting(*this)) each(content);
}

std::vector<http_reply> shared_reads::take_waiting(shared_read& of) {
  const std::lock_guard guard{mutex_};
  // Whoever dies unanswered may have a successor under the same key already.
  if (!std::exchange(of.answered_, true)) {
    const auto found = under_way_.find(of.key_);
    if (found != under_way_.end() && found->first.data() == of.key_.data()) under_way_.erase(found);
  }
  return std::exchange(of.waiting_, {});
}

std::shared_ptr<shared_read> shared_reads::begin(std::string key, http_reply reply) {
  const auto made = std::make_shared<shared_read>(*this, std::move(key));
  std::shared_ptr<shared_read> same;
  {
    const std::lock_guard guard{mutex_};
    if (const auto found = under_way_.find(made->key_); found != under_way_.end()) {
      same = found->second.lock();
      // The key is a view of the one that is gone.
      if (!same) under_way_.erase(found);
    }
    (same ? same : made)->waiting_.push_back(std::move(reply));
    if (same)
      made->answered_ = true;
    else
      under_way_.emplace(made->key_, made);
  }
  if (same) {
    shared_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  begun_.fetch_add(1, std::memory_order_relaxed);
  return made;
}

void shared_reads::run(std::shared_ptr<shared_read> read, std::function<http_content_ptr()> find) {
  const bool taken = threads_.hand([read, find = std::move(find)] {
    try {
      read->answer(find());
    } catch (...) {
      read->answer(make_refusal(500, "the request could not be answered; the server's log says why"));
      throw;
    }
  });
  if (!taken) read->answer(make_refusal(503, "too many reads wait (http.waiting); try again in a second"));
}

void shared_reads::read_metrics(actors::metric_writer& to) const {
  const auto value = [](const std::atomic<std::uint64_t>& of) {
    return static_cast<double>(of.load(std::memory_order_relaxed));
  };
  to.gauge("tickcast_http_reads_in_flight", "Different reads of history that HTTP requests wait for.", {},
           value(now_));
  to.counter("tickcast_http_reads_total", "Reads of history begun for HTTP requests.", {}, value(begun_));
  to.counter("tickcast_http_reads_shared_total",
             "HTTP requests answered by a read that another request had begun.", {}, value(shared_));
}

}  // namespace tickcast::net
