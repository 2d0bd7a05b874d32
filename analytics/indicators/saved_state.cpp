#include "analytics/indicators/saved_state.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <cstdint>

namespace tickcast::analytics::indicators {
namespace {

struct header {
  std::uint32_t version = saved_state::version;
  std::uint32_t call_bytes = 0;
  std::uint64_t body_bytes = 0;
  std::uint64_t checksum = 0;  // CRC-32 of all that follows
};

std::uint64_t checksum_of(std::span<const std::byte> bytes) {
  return crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

}  // namespace

saved_state::saved_state(std::string_view call) : bytes_(sizeof(header)) {
  header first;
  first.call_bytes = static_cast<std::uint32_t>(call.size());
  std::memcpy(bytes_.data(), &first, sizeof first);
  put_all(std::as_bytes(std::span{call}));
}

void saved_state::put_all(std::span<const std::byte> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

std::byte* saved_state::put_space(std::size_t bytes) {
  const auto at = bytes_.size();
  bytes_.resize(at + bytes);
  return bytes_.data() + at;
}

std::vector<std::byte> saved_state::sealed() {
  header first;
  std::memcpy(&first, bytes_.data(), sizeof first);
  const auto body = std::span<const std::byte>{bytes_}.subspan(sizeof first);
  first.body_bytes = body.size();
  first.checksum = checksum_of(body);
  std::memcpy(bytes_.data(), &first, sizeof first);
  return std::move(bytes_);
}

protocol::expected<saved_state> saved_state::open(std::string_view call, std::span<const std::byte> bytes) {
  header first;
  if (bytes.size() < sizeof first) return tl::unexpected(refused(call, "is cut short"));
  std::memcpy(&first, bytes.data(), sizeof first);
  if (first.version != version) return tl::unexpected(refused(call, "is of another version"));
  const auto body = bytes.subspan(sizeof first);
  if (body.size() != first.body_bytes || first.call_bytes > body.size() ||
      checksum_of(body) != first.checksum)
    return tl::unexpected(refused(call, "is damaged"));
  if (std::string_view{reinterpret_cast<const char*>(body.data()), first.call_bytes} != call)
    return tl::unexpected(refused(call, "is of another call"));
  saved_state opened;
  opened.rest_ = body.subspan(first.call_bytes);
  return opened;
}

protocol::error saved_state::refused(std::string_view call, std::string_view why) {
  return {protocol::errc::malformed,
          fmt::format("the saved state of {} {}: begin anew from history", call, why)};
}

}  // namespace tickcast::analytics::indicators
