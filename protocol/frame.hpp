#pragma once
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace tickcast::protocol {

/// How payloads are encoded. Also the index into an update's frames.
enum class encoding : std::uint8_t { json = 0, msgpack = 1 };
inline constexpr std::size_t encoding_count = 2;
constexpr std::size_t index(encoding e) noexcept {
  return static_cast<std::size_t>(e);
}

/// One finished, immutable, unmasked WebSocket message (RFC 6455, section 5.2), shared by all who send it.
///
/// The buffer keeps ten bytes free before the payload and writes the header into the end of them, so that
/// the same bytes serve as a WebSocket frame (`wire()`) and bare (`payload()`).
class frame : public boost::intrusive_ref_counter<frame, boost::thread_safe_counter> {
public:
  static constexpr std::size_t header_room = 10;

  std::string_view wire() const noexcept { return std::string_view(bytes_).substr(start_); }
  std::string_view payload() const noexcept { return std::string_view(bytes_).substr(header_room); }
  std::size_t wire_size() const noexcept { return bytes_.size() - start_; }

private:
  friend boost::intrusive_ptr<const frame> finish_frame(std::string&& buffer, encoding as);
  frame(std::string&& bytes, std::uint8_t start) noexcept : bytes_(std::move(bytes)), start_(start) {}

  std::string bytes_;
  std::uint8_t start_;
};

using frame_ptr = boost::intrusive_ptr<const frame>;

/// An empty buffer with the header's room in front, to append a payload to.
std::string begin_frame(std::size_t expected_payload = 0);
/// Writes the header (FIN; text for JSON, binary for MessagePack) and takes the buffer over.
frame_ptr finish_frame(std::string&& buffer, encoding as);
/// A whole frame around `payload`.
frame_ptr make_frame(std::string_view payload, encoding as);

}  // namespace tickcast::protocol
