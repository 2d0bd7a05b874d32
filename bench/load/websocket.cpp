#include "bench/load/websocket.hpp"

#include <strings.h>

#include <array>
#include <boost/beast/core/detail/base64.hpp>
#include <boost/uuid/detail/sha1.hpp>
#include <random>

namespace tickcast::bench {
namespace {

std::string base64(const unsigned char* data, std::size_t size) {
  std::string text(boost::beast::detail::base64::encoded_size(size), '\0');
  text.resize(boost::beast::detail::base64::encode(text.data(), data, size));
  return text;
}

std::uint32_t random_word() {
  thread_local std::mt19937 engine{std::random_device{}()};
  return static_cast<std::uint32_t>(engine());
}

std::uint64_t big_endian(const unsigned char* from, std::size_t bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | from[i];
  return value;
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

}  // namespace

parse_result parse_frame(char* data, std::size_t size, frame_view& out) noexcept {
  if (size < 2) return parse_result::incomplete;
  const auto* bytes = reinterpret_cast<const unsigned char*>(data);
  const bool whole = (bytes[0] & 0xF0) == 0x80;
  const bool masked = (bytes[1] & 0x80) != 0;
  out.op = static_cast<opcode>(bytes[0] & 0x0F);
  if (!whole || out.op == opcode::continuation) return parse_result::broken;

  std::uint64_t length = bytes[1] & 0x7F;
  std::size_t at = 2;
  if (length >= 126) {
    const std::size_t extra = length == 126 ? 2 : 8;
    if (size < at + extra) return parse_result::incomplete;
    length = big_endian(bytes + at, extra);
    at += extra;
  }
  const std::size_t mask_at = at;
  if (masked) at += 4;
  if (size < at || size - at < length) return parse_result::incomplete;
  if (masked) {
    for (std::size_t i = 0; i < length; ++i)
      data[at + i] = static_cast<char>(data[at + i] ^ data[mask_at + i % 4]);
  }
  out.payload = {data + at, static_cast<std::size_t>(length)};
  out.wire_size = at + static_cast<std::size_t>(length);
  return parse_result::complete;
}

void append_frame(std::string& out, role from, opcode op, std::string_view payload) {
  const unsigned mask_bit = from == role::client ? 0x80U : 0U;
  out.push_back(static_cast<char>(0x80U | static_cast<unsigned>(op)));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(mask_bit | payload.size()));
  } else if (payload.size() <= 0xFFFF) {
    out.push_back(static_cast<char>(mask_bit | 126U));
    append_big_endian(out, payload.size(), 2);
  } else {
    out.push_back(static_cast<char>(mask_bit | 127U));
    append_big_endian(out, payload.size(), 8);
  }
  if (from == role::server) {
    out.append(payload);
    return;
  }
  std::array<char, 4> mask{};
  const std::uint32_t word = random_word();
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = static_cast<char>(word >> (8 * i));
  out.append(mask.data(), mask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
}

std::string accept_key(std::string_view key) {
  constexpr std::string_view magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  boost::uuids::detail::sha1 hash;
  hash.process_bytes(key.data(), key.size());
  hash.process_bytes(magic.data(), magic.size());
  boost::uuids::detail::sha1::digest_type words{};
  hash.get_digest(words);
  std::array<unsigned char, 20> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(words[i / 4] >> (24 - 8 * (i % 4)));
  }
  return base64(bytes.data(), bytes.size());
}

std::string append_upgrade_request(std::string& out, std::string_view path) {
  std::array<unsigned char, 16> nonce{};
  for (auto& byte : nonce) byte = static_cast<unsigned char>(random_word());
  const std::string key = base64(nonce.data(), nonce.size());
  out.append("GET ").append(path).append(
      " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ");
  out.append(key).append("\r\n\r\n");
  return accept_key(key);
}

std::string_view header_value(std::string_view head, std::string_view name) noexcept {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    const std::string_view line = head.substr(at, head.find("\r\n", at) - at);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (::strncasecmp(line.data(), name.data(), name.size()) != 0) continue;
    const std::size_t first = line.find_first_not_of(' ', name.size() + 1);
    return first == std::string_view::npos ? std::string_view{} : line.substr(first);
  }
  return {};
}

}  // namespace tickcast::bench
