#include "actors/topics/keeping.hpp"

#include <fmt/format.h>

#include <charconv>

namespace tickcast::actors {

std::string event_record::to_bytes() const {
  return fmt::format("1 {} {} {}", epoch, seq, data);
}

std::optional<event_record> event_record::from_bytes(std::string_view bytes) {
  if (!bytes.starts_with("1 ")) return std::nullopt;
  bytes.remove_prefix(2);
  const auto first = bytes.find(' ');
  const auto second = first == bytes.npos ? first : bytes.find(' ', first + 1);
  if (second == bytes.npos) return std::nullopt;
  event_record result{std::string(bytes.substr(0, first)), 0, std::string(bytes.substr(second + 1))};
  const auto* end = bytes.data() + second;
  const auto [at, failure] = std::from_chars(bytes.data() + first + 1, end, result.seq);
  if (failure != std::errc{} || at != end) return std::nullopt;
  return result;
}

}  // namespace tickcast::actors
