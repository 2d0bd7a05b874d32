#include "feeds/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "feeds/source.hpp"
#include "protocol/topic.hpp"

namespace tickcast::feeds {
namespace {

using cells = std::vector<std::string_view>;
using protocol::errc;

constexpr std::size_t most_complaints = 10;
constexpr std::array<std::string_view, 10> known_times{"trade_ms",  "transact_ms", "event_ms", "recv_ns",
                                                       "ts_utc_ns", "unix_s",      "time_ns",  "time_us",
                                                       "time_ms",   "time_s"};

std::int64_t unit_of(std::string_view column) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> units{
      {{"_ns", 1}, {"_us", 1'000}, {"_ms", 1'000'000}, {"_s", 1'000'000'000}}};
  for (const auto& [ending, ns] : units) {
    if (column.size() > ending.size() && column.substr(column.size() - ending.size()) == ending) return ns;
  }
  return 0;
}

protocol::unexpected<protocol::error> refuse(errc code, std::string why) {
  return protocol::unexpected(protocol::error{code, std::move(why)});
}

/// `text` is a whole number of units, or one with a fraction, of which nanoseconds are kept.
protocol::expected<std::int64_t> parse_time(std::string_view text, std::int64_t unit_ns) {
  const auto no_time = [&] { return refuse(errc::bad_field, fmt::format("'{}' is not a time", text)); };
  const auto point = std::min(text.find('.'), text.size());
  std::int64_t whole = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + point, whole);
  if (fault != std::errc() || end != text.data() + point || whole < 0) return no_time();
  std::int64_t time_ns = 0;
  if (__builtin_mul_overflow(whole, unit_ns, &time_ns)) return no_time();
  std::int64_t place = unit_ns;
  for (const char digit : text.substr(std::min(point + 1, text.size()))) {
    if (digit < '0' || digit > '9') return no_time();
    place /= 10;
    if (__builtin_add_overflow(time_ns, place * (digit - '0'), &time_ns)) return no_time();
  }
  return time_ns;
}

protocol::expected<protocol::decimal> parse_number(std::string_view text, std::string_view what) {
  auto number = protocol::decimal::parse(text);
  if (!number) return refuse(number.error().code, fmt::format("{} '{}' is not a number", what, text));
  return number;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

protocol::expected<protocol::side> parse_side(std::string_view text) {
  if (text.empty()) return protocol::side::none;
  if (equals_ignoring_case(text, "buy")) return protocol::side::buy;
  if (equals_ignoring_case(text, "sell")) return protocol::side::sell;
  return refuse(errc::bad_field, fmt::format("the side '{}' is neither buy nor sell", text));
}

protocol::trade_id parse_id(std::string_view text) {
  protocol::trade_id id;
  if (text.empty()) return id;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), id.number);
  if (fault == std::errc() && end == text.data() + text.size()) {
    id.is = protocol::trade_id::kind::number;
    return id;
  }
  id.is = protocol::trade_id::kind::text;
  id.number = 0;
  id.text = std::make_shared<const std::string>(text);
  return id;
}

/// Position of the first of `names` in the header.
std::size_t find_column(const std::vector<std::string>& header,
                        std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  }
  return static_cast<std::size_t>(-1);
}

}  // namespace

std::string symbol_from_path(std::string_view path) {
  auto name = path.substr(path.rfind('/') + 1);
  for (const std::string_view ending : {".gz", ".csv"}) {
    if (name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending) {
      name.remove_suffix(ending.size());
    }
  }
  if (const auto first = name.find('_'); first != std::string_view::npos) {
    name.remove_prefix(first + 1);
    name = name.substr(0, name.find('_'));
  }
  std::string symbol(name);
  std::transform(symbol.begin(), symbol.end(), symbol.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return protocol::is_valid_symbol(symbol) ? symbol : std::string();
}

recording::recording(const std::string& path, const recording_options& options) : reader_(path) {
  if (!reader_.next(cells_)) throw feed_error(fmt::format("the recording {} is empty", path));
  read_header(cells_, options);
}

void recording::read_header(const cells& header, const recording_options& options) {
  const std::vector<std::string> names(header.begin(), header.end());
  width_ = names.size();
  at_.symbol = find_column(names, {"symbol"});
  at_.price = find_column(names, {"price"});
  at_.size = find_column(names, {"qty", "size", "amount"});
  at_.id = find_column(names, {"trade_id", "id"});
  at_.aggressor = find_column(names, {"aggressor", "side"});
  at_.bid = find_column(names, {"bid"});
  at_.bid_size = find_column(names, {"bid_qty", "bid_size"});
  at_.ask = find_column(names, {"ask"});
  at_.ask_size = find_column(names, {"ask_qty", "ask_size"});
  const bool trades = at_.price != columns::none && at_.size != columns::none;
  const bool quotes = at_.bid != columns::none && at_.ask != columns::none;
  if (trades == quotes) {
    throw feed_error(
        fmt::format("the recording {} is neither trades (columns price and qty, size or amount) nor quotes "
                    "(columns bid and ask); its header says: {}",
                    path(), fmt::join(names, ",")));
  }
  if (quotes) at_.price = columns::none;

  symbol_ = options.symbol;
  if (symbol_.empty() && at_.symbol == columns::none) symbol_ = symbol_from_path(path());
  symbol_fixed_ = !symbol_.empty();
  if (symbol_fixed_ ? !protocol::is_valid_symbol(symbol_) : at_.symbol == columns::none) {
    throw feed_error(fmt::format(
        "the recording {} has no column `symbol`, and neither its name nor an option tells a valid "
        "symbol; name one",
        path()));
  }
  const bool has_rows = reader_.next(cells_);
  if (!has_rows) cells_.clear();
  choose_time(names, options.time_column);
  if (has_rows) take(cells_);
  if (has_rows && !row_) advance();
}

void recording::choose_time(const std::vector<std::string>& names, const std::string& wanted) {
  const auto candidates = [&] { return fmt::format("{} has the columns {}", path(), fmt::join(names, ",")); };
  if (!wanted.empty()) {
    at_.time = find_column(names, {wanted});
    if (at_.time == columns::none)
      throw feed_error(fmt::format("no time column `{}`: {}", wanted, candidates()));
  } else {
    std::size_t fallback = columns::none;
    for (const auto name : known_times) {
      const auto column = find_column(names, {name});
      if (column == columns::none) continue;
      if (fallback == columns::none) fallback = column;
      if (column < cells_.size() && !cells_[column].empty()) {
        at_.time = column;
        break;
      }
    }
    if (at_.time == columns::none) at_.time = fallback;
    if (at_.time == columns::none) {
      throw feed_error(fmt::format("no time column known by its name ({}): {}", fmt::join(known_times, " "),
                                   candidates()));
    }
  }
  time_column_ = names[at_.time];
  time_unit_ns_ = unit_of(time_column_);
  if (time_unit_ns_ == 0) {
    throw feed_error(
        fmt::format("the time column `{}` does not tell its unit by ending in _ns, _us, _ms or _s: {}",
                    time_column_, candidates()));
  }
}

void recording::pop() {
  row_.reset();
  advance();
}

void recording::advance() {
  while (!row_ && reader_.next(cells_)) take(cells_);
}

void recording::take(const cells& row) {
  auto parsed = parse(row);
  if (parsed) {
    row_ = std::move(*parsed);
    ++rows_;
    return;
  }
  ++skipped_;
  if (complaints_.size() < most_complaints) {
    complaints_.push_back(fmt::format("line {}: {}", reader_.line(), parsed.error().message));
  }
}

protocol::expected<std::string_view> recording::symbol_of(const cells& row) {
  if (symbol_fixed_ || row[at_.symbol] == symbol_) return std::string_view(symbol_);
  if (!protocol::is_valid_symbol(row[at_.symbol])) {
    return refuse(errc::bad_field, fmt::format("'{}' is not a symbol", row[at_.symbol]));
  }
  symbol_ = row[at_.symbol];
  return std::string_view(symbol_);
}

protocol::expected<recorded_row> recording::parse(const cells& row) {
  if (row.size() != width_) {
    return refuse(errc::malformed, fmt::format("{} cells where the header has {}", row.size(), width_));
  }
  const auto time_ns = parse_time(row[at_.time], time_unit_ns_);
  if (!time_ns) return protocol::unexpected(time_ns.error());
  const auto symbol = symbol_of(row);
  if (!symbol) return protocol::unexpected(symbol.error());
  recorded_row result{*time_ns, *symbol, {}};
  if (at_.price != columns::none) {
    auto trade = parse_trade(row, *time_ns);
    if (!trade) return protocol::unexpected(trade.error());
    result.value = std::move(*trade);
  } else {
    auto quote = parse_quote(row, *time_ns);
    if (!quote) return protocol::unexpected(quote.error());
    result.value = *quote;
  }
  return result;
}

protocol::expected<protocol::trade> recording::parse_trade(const cells& row, std::int64_t time_ns) {
  const auto price = parse_number(row[at_.price], "price");
  if (!price) return protocol::unexpected(price.error());
  const auto size = parse_number(row[at_.size], "size");
  if (!size) return protocol::unexpected(size.error());
  if (size->is_negative()) return refuse(errc::bad_field, "the size is negative");
  protocol::trade trade{time_ns, *price, *size, protocol::side::none, {}};
  if (at_.aggressor != columns::none) {
    const auto side = parse_side(row[at_.aggressor]);
    if (!side) return protocol::unexpected(side.error());
    trade.aggressor = *side;
  }
  if (at_.id != columns::none) trade.id = parse_id(row[at_.id]);
  return trade;
}

protocol::expected<protocol::quote> recording::parse_quote(const cells& row, std::int64_t time_ns) {
  protocol::quote quote{time_ns, {}, {}, {}, {}};
  const std::array<std::tuple<std::size_t, std::string_view, protocol::decimal*>, 4> parts{{
      {at_.bid, "bid", &quote.bid},
      {at_.bid_size, "bid size", &quote.bid_size},
      {at_.ask, "ask", &quote.ask},
      {at_.ask_size, "ask size", &quote.ask_size},
  }};
  for (const auto& [column, what, into] : parts) {
    if (column == columns::none || row[column].empty()) continue;
    const auto number = parse_number(row[column], what);
    if (!number) return protocol::unexpected(number.error());
    *into = *number;
  }
  if (row[at_.bid].empty() && row[at_.ask].empty()) return refuse(errc::missing_field, "neither bid nor ask");
  if (quote.bid_size.is_negative() || quote.ask_size.is_negative()) {
    return refuse(errc::bad_field, "a size is negative");
  }
  return quote;
}

}  // namespace tickcast::feeds
