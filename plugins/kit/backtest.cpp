#include "plugins/kit/backtest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

#include "plugins/kit/past_ticks.hpp"

namespace tickcast::plugins {
namespace {

using protocol::bar;
using protocol::quote;
using protocol::trade;

constexpr auto least = std::numeric_limits<std::int64_t>::min();
constexpr auto most = std::numeric_limits<std::int64_t>::max();
/// Rows that are in memory at once, over all streams; and of one stream.
constexpr std::size_t rows_at_once = 1'000'000;
constexpr std::size_t longest_piece = 8192;
constexpr std::size_t shortest_piece = 64;
/// Rows between two looks at whether to stop.
constexpr std::uint64_t rows_a_look = 1024;

}  // namespace

/// Rows of one topic, the next one first.
class backtest::stream {
public:
  explicit stream(int order) : order_(order) {}
  virtual ~stream() = default;
  /// When the next row is to be told; nothing at the end. May read.
  virtual std::optional<std::int64_t> due_ns() = 0;
  /// Tells it and goes on to the next.
  virtual void tell(virtual_engine& to, backtest_summary& count) = 0;
  /// Among rows of one time.
  int order() const noexcept { return order_; }
  /// How many rows of that time it has told, where that is the newest one.
  std::size_t told_at(std::int64_t time_ns) const noexcept { return time_ns == told_ns_ ? told_ : 0; }

protected:
  void note_told(std::int64_t time_ns) noexcept {
    told_ = time_ns == told_ns_ ? told_ + 1 : 1;
    told_ns_ = time_ns;
  }
  std::size_t piece = longest_piece;

private:
  friend class backtest;
  int order_;
  std::int64_t told_ns_ = least;
  std::size_t told_ = 0;
};

template <class Row>
class backtest::tick_stream final : public stream {
public:
  tick_stream(const store::history& from, std::string symbol, std::int64_t from_ns, std::int64_t to_ns)
      : stream(std::is_same_v<Row, quote> ? 0 : 1),
        from_(from),
        symbol_(std::move(symbol)),
        next_ns_(from_ns),
        to_ns_(to_ns) {}

  std::optional<std::int64_t> due_ns() override {
    if (at_ == rows_.size()) {
      if (next_ns_ >= to_ns_) return std::nullopt;
      rows_ = tick_piece<Row>(from_, symbol_, {next_ns_, to_ns_, piece, store::keep::oldest});
      at_ = 0;
      next_ns_ = rows_.empty() ? to_ns_ : rows_.back().time_ns + 1;
      if (rows_.empty()) return std::nullopt;
    }
    return rows_[at_].time_ns;
  }
  void tell(virtual_engine& to, backtest_summary& count) override {
    ++(std::is_same_v<Row, quote> ? count.quotes : count.trades);
    note_told(rows_[at_].time_ns);
    to.take(symbol_, rows_[at_++]);
  }

private:
  const store::history& from_;
  std::string symbol_;
  std::vector<Row> rows_;
  std::size_t at_ = 0;
  std::int64_t next_ns_;
  std::int64_t to_ns_;
};

class backtest::bar_stream final : public stream {
public:
  /// Bars that begin in [from_ns, to_ns) and are over by `end_ns`.
  bar_stream(virtual_engine& engine, const store::history& from, std::string symbol, std::string interval,
             std::int64_t from_ns, std::int64_t to_ns, std::int64_t end_ns)
      : stream(2),
        engine_(engine),
        from_(from),
        symbol_(std::move(symbol)),
        interval_(std::move(interval)),
        next_ns_(from_ns),
        to_ns_(to_ns),
        end_ns_(end_ns) {}

  std::optional<std::int64_t> due_ns() override {
    if (!fill(1)) return std::nullopt;
    auto due = most;
    if (const auto span = engine_.span_of(symbol_, interval_, rows_[at_].time_ns))
      due = span->end_ns;
    else if (fill(2))
      due = rows_[at_ + 1].time_ns;  // one of ticks, volume or value is over when the next begins
    if (due > end_ns_ || due == most) return std::nullopt;
    return due;
  }
  void tell(virtual_engine& to, backtest_summary& count) override {
    ++count.bars;
    to.take(symbol_, interval_, rows_[at_++]);
  }

private:
  bool fill(std::size_t wanted) {
    if (rows_.size() - at_ >= wanted) return true;
    if (next_ns_ >= to_ns_) return false;
    rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
    const auto more =
        or_throw(from_.bars(interval_, symbol_, {next_ns_, to_ns_, piece, store::keep::oldest}));
    next_ns_ = more.empty() ? to_ns_ : more.back().time_ns + 1;
    rows_.insert(rows_.end(), more.begin(), more.end());
    return rows_.size() >= wanted;
  }

  virtual_engine& engine_;
  const store::history& from_;
  std::string symbol_, interval_;
  std::vector<bar> rows_;
  std::size_t at_ = 0;
  std::int64_t next_ns_, to_ns_, end_ns_;
};

struct backtest::turn {
  std::int64_t due_ns;
  int order;
  std::size_t stream;
  /// As heaps want it: whether it comes later.
  bool operator<(const turn& other) const noexcept {
    return std::tie(due_ns, order, stream) > std::tie(other.due_ns, other.order, other.stream);
  }
};

backtest::backtest(const plugin_entry& entry, virtual_engine_options engine, virtual_engine_taps taps,
                   const store::history& past, backtest_options options)
    : past_(past),
      options_(std::move(options)),
      intervals_(engine.intervals),
      source_(engine.source),
      symbols_(options_.symbols.empty() ? past.symbols() : options_.symbols) {
  std::sort(symbols_.begin(), symbols_.end());
  const bool to_the_end = options_.to_ns == most;
  find_bounds();
  engine.begin_ns = so_far_.from_ns = options_.from_ns;
  so_far_.to_ns = options_.from_ns;
  engine.kept = &past;
  engine.forms_on_demand = true;
  engine_ = std::make_unique<virtual_engine>(entry, std::move(engine), std::move(taps));
  if (to_the_end) wait_for_last_bars();
}

backtest::~backtest() = default;

void backtest::find_bounds() {
  auto from_ns = most, to_ns = least;
  const auto note = [&](const auto& rows, bool oldest) {
    if (rows.empty()) return;
    if (oldest) from_ns = std::min(from_ns, rows.front().time_ns);
    if (!oldest) to_ns = std::max(to_ns, rows.back().time_ns + 1);
  };
  for (const auto& symbol : symbols_)
    for (const auto which : {store::keep::oldest, store::keep::newest}) {
      const store::range one{least, most, 1, which};
      const bool oldest = which == store::keep::oldest;
      note(read_ticks<trade>(past_, symbol, one), oldest);
      note(read_ticks<quote>(past_, symbol, one), oldest);
      for (const auto& interval : past_.intervals(symbol))
        note(or_throw(past_.bars(interval, symbol, one)), oldest);
    }
  if (options_.from_ns == least) options_.from_ns = from_ns;
  if (options_.to_ns == most) options_.to_ns = to_ns;
  if (from_ns == most) throw std::runtime_error("nothing is kept of these symbols");
  if (options_.from_ns >= options_.to_ns)
    throw std::runtime_error("there is no time between the beginning and the end");
}

/// The last stored bars are over only some time after their beginning.
void backtest::wait_for_last_bars() {
  for (const auto& symbol : symbols_)
    for (const auto& interval : past_.intervals(symbol))
      for (const auto& last : or_throw(past_.bars(interval, symbol, {least, most, 1, store::keep::newest})))
        if (const auto span = engine_->span_of(symbol, interval, last.time_ns))
          options_.to_ns = std::max(options_.to_ns, span->end_ns);
}

// ---- what is played

void backtest::add(std::unique_ptr<stream> made) {
  made->piece = std::clamp(rows_at_once / (streams_.size() + 1), shortest_piece, longest_piece);
  if (const auto due = made->due_ns()) {
    next_.push_back({*due, made->order(), streams_.size()});
    std::push_heap(next_.begin(), next_.end());
  }
  streams_.push_back(std::move(made));
}

/// Opens what the plugin has come to want.
void backtest::open_wanted() {
  wishes_ = engine_->wishes();
  const auto open = [&](const std::string& topic, const auto& how) {
    const auto at = std::lower_bound(open_.begin(), open_.end(), topic);
    if ((at != open_.end() && *at == topic) || !engine_->wants(topic)) return;
    open_.insert(at, topic);
    how();
  };
  for (const auto& symbol : symbols_) {
    open("quote." + symbol, [&] { open_ticks<quote>(symbol); });
    open("trade." + symbol, [&] { open_ticks<trade>(symbol); });
    auto intervals = past_.intervals(symbol);
    intervals.insert(intervals.end(), intervals_.begin(), intervals_.end());
    std::sort(intervals.begin(), intervals.end());
    intervals.erase(std::unique(intervals.begin(), intervals.end()), intervals.end());
    for (const auto& interval : intervals)
      open(fmt::format("bar.{}.{}", interval, symbol), [&] { open_bars(symbol, interval); });
  }
}

template <class Row>
std::string backtest::ticks_name(const std::string& symbol) {
  return fmt::format("{} {}", std::is_same_v<Row, quote> ? "quotes" : "trades", symbol);
}

template <class Row>
void backtest::open_ticks(const std::string& symbol) {
  // Bars may have opened it, under another name.
  auto made = std::make_unique<tick_stream<Row>>(past_, symbol, engine_->now_ns(), options_.to_ns);
  if (ticks_.emplace(ticks_name<Row>(symbol), made.get()).second) add(std::move(made));
}

void backtest::open_bars(const std::string& symbol, const std::string& interval) {
  const bool forms = std::find(intervals_.begin(), intervals_.end(), interval) != intervals_.end();
  const auto what = made_of(interval, source_);
  const bool formed = forms && what &&
                      (what->of == protocol::interval::source::trades ? form<trade>(symbol, interval)
                                                                      : form<quote>(symbol, interval));
  if (!formed) open_stored(symbol, interval, engine_->now_ns(), options_.to_ns);
}

/// False: there are no ticks to form bars of.
template <class Row>
bool backtest::form(const std::string& symbol, const std::string& interval) {
  const auto now_ns = engine_->now_ns();
  const auto lasting = engine_->span_of(symbol, interval, now_ns);
  const auto begin_ns = lasting ? std::min(lasting->from_ns, now_ns)
                                : cut_before<Row>(past_, symbol, interval, now_ns).value_or(now_ns);
  const auto first = edge<Row>(past_, symbol, begin_ns, options_.to_ns, store::keep::oldest);
  if (!first) return false;
  const auto last = *edge<Row>(past_, symbol, begin_ns, options_.to_ns, store::keep::newest);
  engine_->form(symbol, interval);
  warm<Row>(symbol, interval, begin_ns);
  open_ticks<Row>(symbol);
  // Before the first tick and behind the last one bars may be stored.
  if (const auto span = engine_->span_of(symbol, interval, *first); span && *first >= now_ns)
    open_stored(symbol, interval, now_ns, span->time_ns);
  if (const auto span = engine_->span_of(symbol, interval, last))
    open_stored(symbol, interval, std::max(span->until_ns, now_ns), options_.to_ns);
  engine_->tell_warmed(symbol, interval);
  return true;
}

/// Gives the new bars all ticks from `from_ns` that others have been told already, or would have been.
template <class Row>
void backtest::warm(const std::string& symbol, const std::string& interval, std::int64_t from_ns) {
  const auto now_ns = engine_->now_ns();
  for (auto next_ns = from_ns; next_ns < now_ns;) {
    const auto rows = tick_piece<Row>(past_, symbol, {next_ns, now_ns, longest_piece, store::keep::oldest});
    for (const auto& each : rows) engine_->warm(symbol, interval, each);
    next_ns = rows.empty() ? now_ns : rows.back().time_ns + 1;
  }
  const auto open = ticks_.find(ticks_name<Row>(symbol));
  const auto told = open == ticks_.end() ? 0 : open->second->told_at(now_ns);
  if (told == 0) return;
  for (const auto& each : read_ticks<Row>(past_, symbol, {now_ns, now_ns + 1, told, store::keep::oldest}))
    engine_->warm(symbol, interval, each);
}

void backtest::open_stored(const std::string& symbol, const std::string& interval, std::int64_t from_ns,
                           std::int64_t to_ns) {
  // The one that lasts is told when it is over.
  if (const auto lasting = engine_->span_of(symbol, interval, from_ns))
    from_ns = std::min(from_ns, lasting->time_ns);
  else
    from_ns = std::min(from_ns, engine_->ended_before(symbol, interval));
  if (from_ns >= to_ns) return;
  add(std::make_unique<bar_stream>(*engine_, past_, symbol, interval, from_ns, to_ns, options_.to_ns));
}

// ---- playing

backtest_summary backtest::run(const std::function<bool()>& stop) {
  engine_->start();
  play(stop);
  engine_->stop();
  return so_far_;
}

void backtest::play(const std::function<bool()>& stop) {
  std::uint64_t rows_since_look = 0;
  for (;;) {
    // Timers, too, may come to want what is to be played from then on.
    if (wishes_ != engine_->wishes()) open_wanted();
    const auto due_ns = next_.empty() ? options_.to_ns : next_.front().due_ns;
    const bool arrived = engine_->move_towards(due_ns);
    so_far_.to_ns = engine_->now_ns();
    if (stop && (!arrived || ++rows_since_look == rows_a_look)) {
      rows_since_look = 0;
      so_far_.interrupted = stop();
      if (so_far_.interrupted) return;
    }
    if (!arrived || wishes_ != engine_->wishes()) continue;
    if (next_.empty()) return;
    tell_next();
  }
}

void backtest::tell_next() {
  std::pop_heap(next_.begin(), next_.end());
  auto now = next_.back();
  next_.pop_back();
  auto& from = *streams_[now.stream];
  from.tell(*engine_, so_far_);
  const auto due = from.due_ns();
  if (!due) return;
  now.due_ns = *due;
  next_.push_back(now);
  std::push_heap(next_.begin(), next_.end());
}

}  // namespace tickcast::plugins
