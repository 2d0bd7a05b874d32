#include "actors/topics/quote_desk.hpp"

#include <array>
#include <utility>

namespace tickcast::actors {
namespace {

constexpr std::array<std::string_view, 2> kinds{"trade.", "quote."};

std::optional<protocol::trade> newest(const trade_view& of) {
  auto trades = of.last.to_vector();
  if (trades.empty()) return std::nullopt;
  return std::move(trades.back());
}

}  // namespace

// ---- what is asked

protocol::symbol_quote symbol_figures::quote() const {
  protocol::symbol_quote result;
  result.symbol = symbol_.name;
  result.last = newest(trades_);
  result.best = quotes_.best;
  result.day = trades_.day;
  if (feed_) {
    result.feed.name = feed_->name;
    result.feed.state =
        quarantined_ ? protocol::feed_state::quarantined : feed_->state.load(std::memory_order_relaxed);
    result.feed.simulated = feed_->simulated;
    result.feed.symbol_stale = symbol_stale_;
  }
  return result;
}

const protocol::frame_ptr& symbol_figures::encoded(protocol::encoding as, std::uint64_t board_version) {
  if (board_version != board_version_) forget_encoded();
  board_version_ = board_version;
  auto& kept = encoded_[protocol::index(as)];
  if (!kept) kept = protocol::encode_symbol_quote(as, quote());
  return kept;
}

symbol_figures* quote_window::find(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end() || !found->second->known()) return nullptr;
  found->second->asked_ = host_.now();
  return found->second.get();
}

void quote_window::ask(const symbol& of, taker done) {
  if (!desk_) return done(nullptr);
  const caf::strong_actor_ptr keep{desk_->ctrl()};
  desk_->in_actor([&] { desk_->open(of, std::move(done)); });
}

// ---- the desk

quote_desk::quote_desk(caf::actor_config& cfg, host& where, engine& parts, std::uint32_t shard,
                       quote_window& window, std::atomic<std::uint64_t>& symbols)
    : hosted(cfg, where, parts.probes,
             {"quote_desk", "quote_desk", "root/shards/" + where.name(), where.name()}),
      engine_(parts),
      shard_(shard),
      window_(window),
      symbols_(symbols),
      writers_(parts) {}

quote_desk::behavior_type quote_desk::make_behavior() {
  set_down_handler([this](caf::down_msg& message) {
    writers_.ended(message.source.id());
    ask_successors();
  });
  writers_.refresh(*this);
  window_.desk_ = this;
  after(sweep_every, [this] { sweep(); });
  return {
      [this](const updates& batch) { on_updates(batch); },
      [this](const attached& where) { on_attached(where); }, [](const topics_known&) {},  // it never watches
  };
}

void quote_desk::on_exit() {
  if (window_.desk_ == this) window_.desk_ = nullptr;
  const auto left = std::exchange(window_.by_name_, {});
  by_generation_.clear();
  writers_.clear();
  symbols_.store(0, std::memory_order_relaxed);
  for (const auto& [name, figures] : left)
    for (const auto& each : figures->waiting_) each(nullptr);
}

void quote_desk::describe_to(description& to) {
  to.add("symbols", window_.size());
}

void quote_desk::open(const symbol& of, quote_window::taker then) {
  auto& entry = window_.by_name_[of.name];
  const bool is_new = !entry;
  if (is_new) {
    entry = std::make_unique<symbol_figures>(of);
    entry->generation_ = writers::new_generation();
    by_generation_.emplace(entry->generation_, entry.get());
    symbols_.store(window_.size(), std::memory_order_relaxed);
  }
  entry->asked_ = where().now();
  if (entry->known()) return then(entry.get());
  entry->waiting_.push_back(std::move(then));
  if (is_new) ask(*entry, value_alone);
}

void quote_desk::ask(const symbol_figures& of, class_mask classes) {
  writers_.refresh(*this);
  for (std::size_t part = 0; part < kinds.size(); ++part)
    writers_.send(listen{std::string(kinds[part]) + of.symbol_.name, engine_.routes.quote_desk_post(shard_),
                         (static_cast<std::uint64_t>(of.generation_) << 32) | part, classes});
}

symbol_figures* quote_desk::by_ticket(std::uint64_t ticket, symbol_figures::part& which) noexcept {
  const auto found = by_generation_.find(static_cast<std::uint32_t>(ticket >> 32));
  if (found == by_generation_.end() || (ticket & 0xffffffffU) >= kinds.size()) return nullptr;
  which = static_cast<symbol_figures::part>(ticket & 0xffffffffU);
  return found->second;
}

void quote_desk::on_attached(const attached& where) {
  symbol_figures::part part;
  auto* of = by_ticket(where.ticket, part);
  if (!of) return;
  of->known_[part] = true;
  of->seq_[part] = where.seq;
  of->feed_ = feed(where.feed);
  of->quarantined_ = where.quarantined;
  of->symbol_stale_ = where.symbol_stale;
  if (where.view) {
    if (const auto* trades = std::get_if<trade_view>(where.view.get()))
      of->trades_ = *trades;
    else if (const auto* quotes = std::get_if<quote_view>(where.view.get()))
      of->quotes_ = *quotes;
  }
  of->forget_encoded();
  if (of->known()) answer_waiting(*of);
}

void quote_desk::take_change(symbol_figures& of, const topic_change& change) {
  if (const auto* trade = std::get_if<trade_change>(&change)) {
    of.trades_.last.make_room(trade->value);
    of.trades_.last.push(trade->value);
    of.trades_.day = trade->day;
  } else if (const auto* amendment = std::get_if<amendment_change>(&change)) {
    of.trades_.last.amend(amendment->value);
    of.trades_.day = amendment->day;
  } else if (const auto* best = std::get_if<protocol::quote>(&change)) {
    of.quotes_.best = *best;
  }
}

void quote_desk::on_updates(const updates& batch) {
  for (const auto& each : *batch.items) {
    symbol_figures::part part;
    auto* of = by_ticket(each.ticket, part);
    if (!of || !of->known_[part] || each.what->seq <= of->seq_[part]) continue;
    of->seq_[part] = each.what->seq;
    if (const auto* from = feed(each.what->feed)) of->feed_ = from;
    take_change(*of, each.what->change);
    of->forget_encoded();
  }
}

void quote_desk::answer_waiting(symbol_figures& of) {
  const auto waiting = std::exchange(of.waiting_, {});
  for (const auto& each : waiting) each(&of);
}

void quote_desk::ask_successors() {
  if (std::exchange(asking_again_, true)) return;
  after(writers::look_again_after, [this, before = writers_.version()] {
    asking_again_ = false;
    writers_.refresh(*this);
    if (writers_.version() == before) {
      ask_successors();
      return;
    }
    for (const auto& [name, figures] : window_.by_name_) ask(*figures, value_alone);
  });
}

void quote_desk::sweep() {
  const auto now = where().now();
  std::erase_if(window_.by_name_, [&](const auto& each) {
    const auto& figures = *each.second;
    if (!figures.waiting_.empty() || now - figures.asked_ < keep_time) return false;
    ask(figures, 0);
    by_generation_.erase(figures.generation_);
    return true;
  });
  symbols_.store(window_.size(), std::memory_order_relaxed);
  after(sweep_every, [this] { sweep(); });
}

const feed_entry* quote_desk::feed(std::uint16_t id) {
  if (id == no_feed) return nullptr;
  if (id >= feeds_.size()) feeds_ = static_cast<const feed_board&>(engine_.feeds).all();
  return id < feeds_.size() ? feeds_[id] : nullptr;
}

}  // namespace tickcast::actors
