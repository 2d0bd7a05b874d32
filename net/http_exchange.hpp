#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/http_content.hpp"
#include "net/http_handler.hpp"

namespace tickcast::net {

/// The way back to a client who waits: call it once, from any thread. It does not keep the client: when that
/// has gone meanwhile, the answer goes nowhere. Copies share one way; when the last one goes unused, the
/// client gets a 500.
class http_reply {
public:
  using taker = std::function<void(http_content_ptr)>;

  /// `back` must be callable on any thread as long as a copy exists.
  explicit http_reply(taker back) : way_(std::make_shared<way>(std::move(back))) {}

  void operator()(http_content_ptr content) const { way_->go(std::move(content)); }

private:
  struct way {
    explicit way(taker to) : back(std::move(to)) {}
    way(const way&) = delete;
    way& operator=(const way&) = delete;
    ~way() { go(nullptr); }
    void go(http_content_ptr content) {
      if (!gone.exchange(true)) back(std::move(content));
    }
    taker back;
    std::atomic<bool> gone{false};
  };
  std::shared_ptr<way> way_;
};

/// One request between its arrival and its answer, as its handler sees it: it answers at once, or takes the
/// way back and answers later. Thread: the shard's.
class http_exchange {
public:
  http_exchange(std::size_t shard, std::function<http_reply()> make_reply, access::standing_ptr who = nullptr)
      : shard_(shard), make_reply_(std::move(make_reply)), who_(std::move(who)) {}

  std::size_t shard() const noexcept { return shard_; }
  void answer(http_content_ptr content) { at_once_ = std::move(content); }
  http_reply later() {
    later_ = true;
    return make_reply_();
  }

  /// In which form the rules grant it; nothing: not at all. Where nobody asks who somebody is, in full.
  std::optional<access::topic_form> granted(access::action what, std::string_view topic) const {
    if (!who_) return access::topic_form{};
    const auto found = who_->check(what, topic);
    return found.is == access::outcome::deny ? std::nullopt : std::optional(found.form);
  }
  /// Whether they allow it, all of it and without delay.
  bool permits(access::action what, std::string_view topic) const {
    const auto form = granted(what, topic);
    return form && form->in_full();
  }
  /// Who asks; null: nobody asks who that is.
  const access::standing_ptr& who() const noexcept { return who_; }

  const http_content_ptr& at_once() const noexcept { return at_once_; }
  bool is_later() const noexcept { return later_; }

private:
  std::size_t shard_;
  std::function<http_reply()> make_reply_;
  access::standing_ptr who_;
  http_content_ptr at_once_;
  bool later_ = false;
};

/// Answers requests of one path, perhaps later. Called on every shard's thread, at the same time; must not
/// block. What it throws becomes a 500, and so does no answer.
using http_late_handler = std::function<void(const http_query&, http_exchange&)>;

/// A path and who answers for it, with what was answered so far, by status as in shard_counters.
struct http_route {
  std::string name;  ///< in metrics
  http_late_handler handler;
  bool is_post = false;  ///< takes POST alone, others GET and HEAD
  /// Any shard adds, any thread reads.
  std::unique_ptr<std::array<std::atomic<std::uint64_t>, 16>> answered =
      std::make_unique<std::array<std::atomic<std::uint64_t>, 16>>();
};

}  // namespace tickcast::net
