#include "protocol/topic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "protocol/utf8.hpp"

namespace tickcast::protocol {
namespace {

constexpr std::size_t max_symbol_bytes = 100;
constexpr std::int64_t max_interval_count = 1'000'000'000'000;
constexpr std::int64_t second_ns = 1'000'000'000;

constexpr std::array<bool, 256> make_topic_bytes() {
  std::array<bool, 256> allowed{};
  for (char c = 'a'; c <= 'z'; ++c) allowed[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) allowed[static_cast<unsigned char>(c)] = true;
  for (char c = '0'; c <= '9'; ++c) allowed[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("._-:@/+(),")) allowed[static_cast<unsigned char>(c)] = true;
  return allowed;
}
constexpr std::array<bool, 256> topic_bytes = make_topic_bytes();

struct named_interval {
  std::string_view text;
  interval::unit by;
  std::int64_t count;
};
constexpr std::array<named_interval, 11> named_intervals{{
    {"1s", interval::unit::time, second_ns},
    {"5s", interval::unit::time, 5 * second_ns},
    {"1m", interval::unit::time, 60 * second_ns},
    {"5m", interval::unit::time, 300 * second_ns},
    {"15m", interval::unit::time, 900 * second_ns},
    {"30m", interval::unit::time, 1800 * second_ns},
    {"1h", interval::unit::time, 3600 * second_ns},
    {"4h", interval::unit::time, 14400 * second_ns},
    {"1d", interval::unit::time, 86400 * second_ns},
    {"1w", interval::unit::time, 604800 * second_ns},
    {"1mo", interval::unit::month, 1},
}};

struct named_kind {
  std::string_view word;
  topic_kind kind;
};
constexpr std::array<named_kind, 9> named_kinds{{
    {"trade", topic_kind::trade},
    {"quote", topic_kind::quote},
    {"bar", topic_kind::bar},
    {"book", topic_kind::book},
    {"feed", topic_kind::feed},
    {"chart", topic_kind::chart},
    {"indicator", topic_kind::indicator},
    {"presence", topic_kind::presence},
    {"user", topic_kind::user},
}};

topic_kind kind_of(std::string_view word) noexcept {
  const auto* found = std::find_if(named_kinds.begin(), named_kinds.end(),
                                   [&](const named_kind& k) { return k.word == word; });
  return found == named_kinds.end() ? topic_kind::other : found->kind;
}

unexpected<error> bad_interval(std::string_view text) {
  return unexpected(
      error{errc::bad_topic,
            fmt::format(
                "interval {} does not exist: take one of 1s 5s 1m 5m 15m 30m 1h 4h 1d 1w 1mo, or a count of "
                "ticks (100t), volume (50v) or value (10000q), each with @bid, @ask or @mid for quotes",
                in_quotes(text))});
}

bool read_source(std::string_view text, interval::source& to) noexcept {
  if (text == "bid") {
    to = interval::source::bid;
  } else if (text == "ask") {
    to = interval::source::ask;
  } else if (text == "mid") {
    to = interval::source::mid;
  } else {
    return false;
  }
  return true;
}

/// `<n>t`, `<n>v`, `<n>q`. A leading zero would make two names of one interval.
bool read_counted(std::string_view text, interval& to) noexcept {
  if (text.size() < 2 || text.front() == '0') return false;
  switch (text.back()) {
    case 't':
      to.by = interval::unit::ticks;
      break;
    case 'v':
      to.by = interval::unit::volume;
      break;
    case 'q':
      to.by = interval::unit::value;
      break;
    default:
      return false;
  }
  const char* end = text.data() + text.size() - 1;
  if (text.front() < '0' || text.front() > '9') return false;
  const auto [read_to, failure] = std::from_chars(text.data(), end, to.count);
  return failure == std::errc() && read_to == end && to.count <= max_interval_count;
}

}  // namespace

expected<interval> parse_interval(std::string_view text) {
  interval result;
  std::string_view span = text;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    span = text.substr(0, at);
    if (!read_source(text.substr(at + 1), result.of)) return bad_interval(text);
  }
  const auto* named = std::find_if(named_intervals.begin(), named_intervals.end(),
                                   [&](const named_interval& n) { return n.text == span; });
  if (named != named_intervals.end()) {
    result.by = named->by;
    result.count = named->count;
    return result;
  }
  if (!read_counted(span, result)) return bad_interval(text);
  return result;
}

namespace {

/// Takes the next part of `rest`, up to a dot that stands outside of parentheses, and the dot away.
std::string_view take_part(std::string_view& rest) noexcept {
  int depth = 0;
  std::size_t end = 0;
  for (; end < rest.size() && (rest[end] != '.' || depth > 0); ++end)
    depth += rest[end] == '(' ? 1 : rest[end] == ')' ? -1 : 0;
  const auto part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

}  // namespace

expected<topic_name> parse_topic(std::string_view text) {
  if (text.size() > max_topic_bytes) {
    return unexpected(error{errc::too_large, fmt::format("a topic has at most {} bytes, this one {}: {}",
                                                         max_topic_bytes, text.size(), in_quotes(text))});
  }
  if (!has_topic_bytes_alone(text)) {
    return unexpected(
        error{errc::bad_topic,
              fmt::format("topic {} holds more than letters, digits and ._-:@/+(),", in_quotes(text))});
  }
  topic_name result;
  result.whole = text;
  const std::size_t dot = text.find('.');
  result.word = text.substr(0, dot);
  result.name = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
  result.kind = kind_of(result.word);
  if (result.kind == topic_kind::bar || result.kind == topic_kind::indicator) {
    result.interval_text = take_part(result.name);
    expected<interval> parsed = parse_interval(result.interval_text);
    if (!parsed) return unexpected(std::move(parsed.error()));
    result.bar_interval = *parsed;
  }
  const bool of_indicator = result.kind == topic_kind::indicator;
  if (of_indicator) result.call = take_part(result.name);
  if (result.word.empty() || result.name.empty() || (of_indicator && result.call.empty())) {
    return unexpected(
        error{errc::bad_topic, fmt::format("topic {} is not complete: kind and name, joined by a dot, as in "
                                           "trade.BTCUSDT, bar.1m.BTCUSDT or indicator.1m.rsi(14).BTCUSDT",
                                           in_quotes(text))});
  }
  if (result.has_symbol() && result.name.size() > max_symbol_bytes) {
    return unexpected(
        error{errc::too_large, fmt::format("a symbol has at most {} bytes, that of {} has {}",
                                           max_symbol_bytes, in_quotes(text), result.name.size())});
  }
  return result;
}

bool has_topic_bytes_alone(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return topic_bytes[static_cast<unsigned char>(c)]; });
}

bool is_valid_symbol(std::string_view symbol) noexcept {
  return !symbol.empty() && symbol.size() <= max_symbol_bytes && has_topic_bytes_alone(symbol);
}

bool is_reserved(topic_kind kind) noexcept {
  return kind != topic_kind::user && kind != topic_kind::other;
}

}  // namespace tickcast::protocol
