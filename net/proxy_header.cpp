#include "net/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

namespace tickcast::net {
namespace {

using namespace std::string_view_literals;

constexpr auto signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr auto line_begin = "PROXY "sv;
constexpr std::size_t longest_line = 107;
constexpr std::size_t binary_head = 16;

// Of the two bytes behind the signature.
constexpr unsigned version_2 = 0x20, local = 0x00, proxied = 0x01;
constexpr unsigned tcp_over_ipv4 = 0x11, tcp_over_ipv6 = 0x21;

unsigned byte_of(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint16_t port_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte_of(bytes, at) << 8 | byte_of(bytes, at + 1));
}

bool begins(std::string_view bytes, std::string_view with) {
  const auto compared = std::min(bytes.size(), with.size());
  return bytes.substr(0, compared) == with.substr(0, compared);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (;;) {
    const auto blank = line.find(' ');
    words.push_back(line.substr(0, blank));
    if (blank == std::string_view::npos) return words;
    line.remove_prefix(blank + 1);
  }
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

proxy_header::progress proxy_header::take(std::string_view bytes) {
  const auto first = held_.empty() ? bytes.substr(0, 1) : std::string_view(held_).substr(0, 1);
  if (first.empty()) return {state::more, 0};
  return first.front() == signature.front() ? take_binary(bytes) : take_line(bytes);
}

proxy_header::progress proxy_header::take_line(std::string_view bytes) {
  const auto end = bytes.find('\n');
  const auto part = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
  held_ += part.substr(0, longest_line + 1);
  if (!begins(held_, line_begin) || held_.size() > longest_line) return {state::malformed, part.size()};
  if (end == std::string_view::npos) return {state::more, part.size()};
  return {read_line() ? state::done : state::malformed, part.size()};
}

bool proxy_header::read_line() {
  std::string_view line(held_);
  if (!line.ends_with("\r\n")) return false;
  line.remove_suffix(2);
  const auto words = words_of(line);
  if (words.size() >= 2 && words[1] == "UNKNOWN") return true;
  if (words.size() != 6 || (words[1] != "TCP4" && words[1] != "TCP6")) return false;
  error_code ec;
  const auto address = asio::ip::make_address(std::string(words[2]), ec);
  const auto port = port_of(words[4]);
  if (ec || !port || address.is_v4() != (words[1] == "TCP4")) return false;
  client_.emplace(address, *port);
  return true;
}

proxy_header::progress proxy_header::take_binary(std::string_view bytes) {
  std::size_t taken = 0;
  const auto fill = [&](std::size_t size) {
    const auto part = std::min(size - std::min(size, held_.size()), bytes.size() - taken);
    held_ += bytes.substr(taken, part);
    taken += part;
    return held_.size() >= size;
  };
  const bool has_head = fill(binary_head);
  if (!begins(held_, signature)) return {state::malformed, taken};
  if (!has_head) return {state::more, taken};
  const std::size_t whole = binary_head + port_at(held_, 14);
  if ((byte_of(held_, 12) & 0xf0u) != version_2 || whole > longest) return {state::malformed, taken};
  if (!fill(whole)) return {state::more, taken};
  return {read_binary() ? state::done : state::malformed, taken};
}

bool proxy_header::read_binary() {
  const auto command = byte_of(held_, 12) & 0x0fu;
  if (command == local) return true;
  if (command != proxied) return false;
  const auto body = std::string_view(held_).substr(binary_head);
  switch (byte_of(held_, 13)) {
    case tcp_over_ipv4: {
      if (body.size() < 12) return false;
      asio::ip::address_v4::bytes_type address;
      std::memcpy(address.data(), body.data(), address.size());
      client_.emplace(asio::ip::address_v4(address), port_at(body, 8));
      return true;
    }
    case tcp_over_ipv6: {
      if (body.size() < 36) return false;
      asio::ip::address_v6::bytes_type address;
      std::memcpy(address.data(), body.data(), address.size());
      client_.emplace(asio::ip::address_v6(address), port_at(body, 32));
      return true;
    }
    default:
      // UNSPEC and what is no TCP: the connection counts as the proxy's own.
      return true;
  }
}

}  // namespace tickcast::net
