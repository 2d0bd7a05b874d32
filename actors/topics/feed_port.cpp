#include "actors/topics/feed_port.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "actors/runtime/log.hpp"
#include "actors/topics/feed_credit.hpp"

namespace tickcast::actors {
namespace {

constexpr std::int64_t tell_idle_every_ns = 100'000'000;

}  // namespace

feed_port::feed_port(feed_board& board, feed_entry& entry, symbol_table& symbols, const switchboard& routes,
                     feed_port_options options)
    : board_(board),
      entry_(entry),
      symbols_(symbols),
      routes_(routes),
      lines_(routes.copy()),
      options_(std::move(options)),
      credit_(std::make_shared<feed_credit>(entry, options_.most_in_flight)),
      pending_(lines_.dispatchers.size()),
      usual_(lines_.dispatchers.size(), 16),
      told_ns_(lines_.dispatchers.size(), 0) {}

feed_port::~feed_port() = default;

std::size_t feed_port::name_hash::operator()(std::string_view s) const noexcept {
  return XXH3_64bits(s.data(), s.size());
}

template <class Value>
void feed_port::add(std::string_view name, Value&& value, std::optional<std::uint64_t> feed_seq) {
  const auto* to = resolve(name);
  if (!to) return;
  if (resumes_until_ != 0 && feed_seq && *feed_seq <= to->stored) {
    entry_.repeated.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  auto& batch = pending_[to->shard];
  if (!batch) {
    batch = std::make_shared<tick_load>(entry_);
    batch->items.reserve(usual_[to->shard]);
  }
  batch->add(to->id, std::forward<Value>(value));
}

void feed_port::on_trade(std::string_view name, protocol::trade&& value,
                         std::optional<std::uint64_t> feed_seq) {
  follow(feed_seq);
  if (!options_.fault.empty() && value.price.is_zero() && name == options_.fault)
    throw std::runtime_error("a trade of price 0, as debug.fault asks");
  add(name, std::move(value), feed_seq);
}

void feed_port::on_amendment(std::string_view name, protocol::trade_amendment&& value,
                             std::optional<std::uint64_t> feed_seq) {
  follow(feed_seq);
  add(name, std::move(value), feed_seq);
}

void feed_port::on_quote(std::string_view name, protocol::quote&& value,
                         std::optional<std::uint64_t> feed_seq) {
  follow(feed_seq);
  add(name, std::move(value), feed_seq);
}

void feed_port::on_bar(std::string_view name, std::string_view interval_text, protocol::bar&& value,
                       std::optional<std::uint64_t> feed_seq) {
  follow(feed_seq);
  add(name, fed_bar{std::string(interval_text), std::move(value)}, feed_seq);
}

void feed_port::on_event(std::string_view topic, std::string&& data, std::optional<std::uint64_t> feed_seq) {
  follow(feed_seq);
  if (!pending_events_) pending_events_ = std::make_shared<cargo<event_item>>(entry_);
  pending_events_->items.push_back({std::string(topic), std::move(data)});
}

void feed_port::on_command(protocol::service_command&& what) {
  follow({});
  if (!pending_orders_) pending_orders_ = std::make_shared<cargo<protocol::service_command>>(entry_);
  pending_orders_->items.push_back(std::move(what));
}

void feed_port::on_refused(protocol::error&& why, std::optional<std::uint64_t> feed_seq) {
  follow(feed_seq);
  count_refusal(why.code);
  log(component::topics).debug("feed {} refused a message: {}", entry_.name, why.message);
}

void feed_port::count_refusal(protocol::errc code) {
  bump(entry_.refused[static_cast<std::size_t>(code)]);
}

const feed_port::known_symbol* feed_port::resolve(std::string_view name) {
  if (const auto found = known_.find(name); found != known_.end()) return &found.value();
  const auto mapped = options_.map.find(std::string(name));
  const auto ours = options_.prefix + (mapped == options_.map.end() ? std::string(name) : mapped->second);
  if (!protocol::is_valid_symbol(ours)) {
    count_refusal(protocol::errc::bad_field);
    return nullptr;
  }
  const auto* of = symbols_.intern(ours);
  if (!of) {
    count_refusal(protocol::errc::too_many_symbols);
    return nullptr;
  }
  const auto stored = options_.stored ? options_.stored->of_symbol(of->name) : 0;
  return &known_.emplace(std::string(name), known_symbol{of->id, of->shard, stored}).first.value();
}

void feed_port::follow(std::optional<std::uint64_t> feed_seq) {
  bump(entry_.messages);
  if (!feed_seq) return;
  if (last_feed_seq_ == 0 && options_.stored) begin_at(*feed_seq);
  if (*feed_seq > resumes_until_) resumes_until_ = 0;
  const auto expected = last_feed_seq_ + 1;
  if (*feed_seq > expected && last_feed_seq_ != 0) {
    bump(entry_.gaps);
    bump(entry_.gap_lost, *feed_seq - expected);
    board_.set_state(entry_, protocol::feed_state::gap);
    log(component::topics)
        .warn("feed {}: feed_seq went from {} to {}, {} messages are missing", entry_.name, last_feed_seq_,
              *feed_seq, *feed_seq - expected);
  } else if (*feed_seq < expected) {
    bump(entry_.restarts_seen);
    log(component::topics).info("feed {}: feed_seq began anew at {}", entry_.name, *feed_seq);
  }
  last_feed_seq_ = *feed_seq;
}

void feed_port::begin_at(std::uint64_t feed_seq) {
  const auto lowest = options_.stored->lowest();
  const auto highest = options_.stored->highest();
  if (feed_seq == lowest + 1) {
    last_feed_seq_ = lowest;
    resumes_until_ = highest;
  } else if (feed_seq > highest) {
    // It went on while nobody was here: what lies between is missing.
    last_feed_seq_ = highest;
  }
}

void feed_port::flush() {
  routes_.refresh(lines_);
  const auto now = steady_ns();
  const bool heard =
      pending_events_ || pending_orders_ ||
      std::any_of(pending_.begin(), pending_.end(), [](const auto& each) { return each != nullptr; });
  if (!heard) return;
  entry_.last_tick_ns.store(now, std::memory_order_relaxed);
  // Before the ticks reach their topics: whoever sees one sees a feed that lives, and a feed that is heard
  // again is no longer one whose symbols others may take.
  using state = protocol::feed_state;
  // What a peer left behind before it went makes no feed live.
  if (const auto now_is = entry_.state.load(std::memory_order_relaxed);
      now_is != state::live && now_is != state::gap && !entry_.peers.cut_off())
    board_.set_state(entry_, state::live, now);
  send_batches(now);
  if (auto events = std::move(pending_events_)) {
    pending_events_ = nullptr;
    const auto size = events->items.size();
    bump(entry_.events, size);
    auto credit = credit_->spend(size);
    tell(lines_.directory, event_batch{std::move(events), std::move(credit), now});
  }
  if (auto orders = std::move(pending_orders_)) {
    pending_orders_ = nullptr;
    const auto size = orders->items.size();
    bump(entry_.events, size);
    auto credit = credit_->spend(size);
    tell(lines_.users, order_batch{std::move(orders), std::move(credit)});
  }
}

// While what one shard lacks comes again, another has stored more than that already.
std::uint64_t feed_port::complete_to(std::size_t shard) const noexcept {
  if (resumes_until_ == 0 || options_.stored->by_shard.size() != pending_.size()) return last_feed_seq_;
  return std::max(last_feed_seq_, options_.stored->by_shard[shard]);
}

void feed_port::send_batches(std::int64_t now_ns) {
  std::size_t ticks = 0;
  for (std::size_t shard = 0; shard < pending_.size(); ++shard) {
    auto batch = std::move(pending_[shard]);
    pending_[shard] = nullptr;
    if (!batch) {
      // A shard without symbols of this feed would hold back how far all of them are known to be stored.
      if (last_feed_seq_ == 0 || now_ns - told_ns_[shard] < tell_idle_every_ns) continue;
      batch = std::make_shared<tick_load>(entry_);
    }
    told_ns_[shard] = now_ns;
    const auto size = batch->items.size();
    ticks += size;
    if (size > 0)
      if (const auto& last = batch->items.back();
          last.kind == tick_kind::trade || last.kind == tick_kind::quote)
        entry_.last_event_ns.store(last.time_ns, std::memory_order_relaxed);
    usual_[shard] = size + size / 8 + 8;
    auto credit = size > 0 ? credit_->spend(size) : nullptr;
    tell(lines_.dispatchers[shard],
         tick_batch{std::move(batch), std::move(credit), now_ns, complete_to(shard)});
  }
  if (ticks > 0) bump(entry_.ticks, ticks);
}

bool feed_port::may_read() {
  return credit_->left();
}

int feed_port::credit_fd() const noexcept {
  return credit_->fd();
}

}  // namespace tickcast::actors
