#include "bench/load/payload.hpp"

#include <fmt/format.h>

#include <charconv>
#include <ctime>
#include <iterator>

namespace tickcast::bench {
namespace {

/// Length of everything in an event's frame that is not its padding.
constexpr std::size_t event_overhead = 110;

template <class Number>
bool read_number(std::string_view text, std::size_t at, Number& to) noexcept {
  return std::from_chars(text.data() + at, text.data() + text.size(), to).ec == std::errc{};
}

}  // namespace

std::string symbol_name(std::uint32_t topic) {
  return fmt::format("SYMBOL-{:05}.BENCHMARK-TRADING-VENUE", topic);
}

std::string topic_name(const shape& of, std::uint32_t topic) {
  return of.is_event() ? fmt::format("monitor.bench-{:05}", topic) : "trade." + symbol_name(topic);
}

std::string event_body(const shape& of) {
  return std::string(of.event_bytes > event_overhead ? of.event_bytes - event_overhead : 1, 'x');
}

price_text price_of(std::uint64_t seq) noexcept {
  price_text price{};
  fmt::format_to_n(price.digits, 8, "{}.51", 61000 + seq % 1000);
  return price;
}

void append_json(std::string& out, const shape& of, std::string_view topic, std::string_view body,
                 const update& what) {
  auto to = std::back_inserter(out);
  fmt::format_to(to, R"({{"type":"update","topic":"{}","seq":{},"data":{{)", topic, what.seq);
  if (of.is_event()) {
    fmt::format_to(to, R"("body":"{}","id":{}}}}})", body, what.stamp_ns);
    return;
  }
  fmt::format_to(to, R"("time":{},"price":{},"size":{},"side":"buy","id":{}}}}})", what.time_ns / 1000,
                 price_of(what.seq).view(), size_text, what.stamp_ns);
}

std::optional<received> read_update(std::string_view json) noexcept {
  constexpr std::string_view start = R"({"type":"update")";
  constexpr std::string_view seq_key = R"("seq":)";
  constexpr std::string_view id_key = R"("id":)";
  if (!json.starts_with(start)) return std::nullopt;
  // The stamp is the last field of data in every server's text: looking from the end skips the padding.
  const std::size_t seq_at = json.find(seq_key, start.size());
  const std::size_t id_at = json.rfind(id_key);
  received got;
  if (seq_at == std::string_view::npos || id_at == std::string_view::npos) return std::nullopt;
  if (!read_number(json, seq_at + seq_key.size(), got.seq)) return std::nullopt;
  if (!read_number(json, id_at + id_key.size(), got.stamp_ns)) return std::nullopt;
  return got;
}

std::int64_t monotonic_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

}  // namespace tickcast::bench
