#include "net/remote_address.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

namespace tickcast::net {
namespace {

/// IPv4 as IPv6 maps it, so that both compare as 16 bytes.
asio::ip::address_v6::bytes_type wide(const asio::ip::address& address) {
  return address.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes()
                         : address.to_v6().to_bytes();
}

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

trusted_proxies::trusted_proxies(const std::vector<std::string>& entries) {
  for (const auto& entry : entries) {
    const auto slash = entry.find('/');
    error_code ec;
    const auto base = asio::ip::make_address(entry.substr(0, slash), ec);
    const unsigned widest = !ec && base.is_v4() ? 32 : 128;
    unsigned prefix = widest;
    bool good = !ec;
    if (good && slash != std::string::npos) {
      const auto* end = entry.data() + entry.size();
      const auto parsed = std::from_chars(entry.data() + slash + 1, end, prefix);
      good = parsed.ec == std::errc{} && parsed.ptr == end && prefix <= widest;
    }
    if (!good)
      throw std::runtime_error(
          fmt::format("listen.trusted_proxies: \"{}\" is neither an address nor a network", entry));
    networks_.push_back({base, base.is_v4() ? prefix + 96 : prefix});
  }
}

bool trusted_proxies::trusts(const asio::ip::address& address) const {
  const auto bytes = wide(address);
  for (const auto& [base, prefix] : networks_) {
    const auto wanted = wide(base);
    unsigned bit = 0;
    while (bit < prefix && ((bytes[bit / 8] ^ wanted[bit / 8]) & (0x80u >> (bit % 8))) == 0) ++bit;
    if (bit == prefix) return true;
  }
  return false;
}

std::string trusted_proxies::client_of(const tcp::endpoint& peer, std::string_view forwarded_for) const {
  if (forwarded_for.empty() || networks_.empty() || !trusts(peer.address())) return to_string(peer);
  while (!forwarded_for.empty()) {
    const auto comma = forwarded_for.rfind(',');
    const auto last = trim(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
    forwarded_for = comma == std::string_view::npos ? std::string_view{} : forwarded_for.substr(0, comma);
    error_code ec;
    const auto address = asio::ip::make_address(std::string(last), ec);
    if (ec) break;
    if (!trusts(address) || forwarded_for.empty()) return address.to_string();
  }
  return to_string(peer);
}

std::string to_string(const tcp::endpoint& endpoint) {
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", endpoint.address().to_string(), endpoint.port())
                                    : fmt::format("{}:{}", endpoint.address().to_string(), endpoint.port());
}

}  // namespace tickcast::net
