#include "analytics/indicators/indicator.hpp"

#include <zlib.h>

#include <cstdint>
#include <cstring>

#include "analytics/indicators/engine.hpp"

namespace tickcast::analytics::indicators {
namespace {

/// What stands before a saved state. Raise `current` whenever a kernel's members change.
struct saved_header {
  static constexpr std::uint32_t current = 1;
  std::uint32_t format = current;
  std::uint32_t text_bytes = 0;
  std::uint32_t state_bytes = 0;
  std::uint32_t checksum = 0;  ///< CRC-32 of all that follows
};

std::uint32_t checksum_of(std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

protocol::error refused(const call& call, const char* why) {
  return {protocol::errc::malformed,
          "the saved state of " + call.canonical + " " + why + ": begin anew from history"};
}

}  // namespace

indicator::indicator(const call& call)
    : text_(call.canonical),
      engine_(call.function->make(arguments{call.parameters})),
      outputs_(call.function->outputs.size()) {}

indicator::indicator(const indicator& other)
    : text_(other.text_), engine_(other.engine_->clone()), outputs_(other.outputs_), values_(other.values_) {}

indicator& indicator::operator=(const indicator& other) {
  if (this == &other) return *this;
  if (engine_ && text_ == other.text_) {
    engine_->assign(*other.engine_);
  } else {
    engine_ = other.engine_->clone();
    text_ = other.text_;
    outputs_ = other.outputs_;
  }
  values_ = other.values_;
  return *this;
}

indicator::indicator(indicator&&) noexcept = default;
indicator& indicator::operator=(indicator&&) noexcept = default;
indicator::~indicator() = default;

std::span<const double> indicator::update(const bar_input& bar) {
  if (!is_finite(bar)) return {};
  engine_->update(bar, values_.data());
  return {values_.data(), outputs_};
}

std::span<const double> indicator::peek(const bar_input& bar) {
  if (!is_finite(bar)) return {};
  engine_->peek(bar, values_.data());
  return {values_.data(), outputs_};
}

void indicator::update_all(std::span<const bar_input> bars, std::span<double* const> columns) {
  engine_->update_all(bars, columns.first(outputs_));
}

std::vector<std::byte> indicator::save() const {
  saved_header header;
  header.text_bytes = static_cast<std::uint32_t>(text_.size());
  header.state_bytes = static_cast<std::uint32_t>(engine_->bytes());
  std::vector<std::byte> bytes(sizeof header + text_.size() + engine_->bytes());
  auto* const body = bytes.data() + sizeof header;
  std::memcpy(body, text_.data(), text_.size());
  engine_->save(body + text_.size());
  header.checksum = checksum_of(std::span{bytes}.subspan(sizeof header));
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

protocol::expected<indicator> indicator::load(const call& call, std::span<const std::byte> bytes) {
  saved_header header;
  if (bytes.size() < sizeof header) return tl::unexpected(refused(call, "is cut short"));
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.format != saved_header::current) return tl::unexpected(refused(call, "is of another version"));
  const auto body = bytes.subspan(sizeof header);
  if (body.size() != std::size_t{header.text_bytes} + header.state_bytes ||
      checksum_of(body) != header.checksum)
    return tl::unexpected(refused(call, "is damaged"));
  const std::string_view text{reinterpret_cast<const char*>(body.data()), header.text_bytes};
  indicator result{call};
  if (text != call.canonical || header.state_bytes != result.engine_->bytes())
    return tl::unexpected(refused(call, "is of another call or version"));
  result.engine_->load(body.data() + header.text_bytes);
  return result;
}

}  // namespace tickcast::analytics::indicators
