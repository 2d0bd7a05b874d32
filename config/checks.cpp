#include "config/checks.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <string>

#include "config/endpoint.hpp"
#include "protocol/topic.hpp"

namespace tickcast::config {
namespace {

bool is_alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

template <class Predicate>
bool all(std::string_view text, Predicate fits) {
  return std::all_of(text.begin(), text.end(), fits);
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// Bits of an address: 32 or 128; 0 when it is none.
int address_bits(std::string_view text) {
  unsigned char bytes[sizeof(in6_addr)];
  const std::string zero_terminated(text);
  if (inet_pton(AF_INET, zero_terminated.c_str(), bytes) == 1) return 32;
  return inet_pton(AF_INET6, zero_terminated.c_str(), bytes) == 1 ? 128 : 0;
}

bool is_network(std::string_view text) {
  const auto slash = text.find('/');
  const int most = address_bits(text.substr(0, slash));
  if (most == 0 || slash == std::string_view::npos) return most != 0;
  const auto digits = text.substr(slash + 1);
  int bits = -1;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  return failed == std::errc{} && end == digits.data() + digits.size() && bits >= 0 && bits <= most;
}

bool is_name(std::string_view text) {
  return text.size() <= 64 && all(text, [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
}

bool is_word(std::string_view text) {
  return text.size() <= 128 &&
         all(text, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_prefix(std::string_view text) {
  return text.size() <= 64 && protocol::is_valid_symbol(std::string(text) + "X");
}

// Quotes have no size that could be summed up.
bool is_interval(std::string_view text) {
  using protocol::interval;
  const auto parsed = protocol::parse_interval(text);
  if (!parsed) return false;
  const bool needs_sizes = parsed->by == interval::unit::volume || parsed->by == interval::unit::value;
  return !needs_sizes || parsed->of == interval::source::trades;
}

// The form alone: `name`, or `[days] ranges zone`.
bool is_session(std::string_view text) {
  constexpr std::string_view symbols = ",-/_+ ";
  if (text.size() > 256 || text.find("  ") != std::string_view::npos || text.front() == ' ' ||
      text.back() == ' ')
    return false;
  return std::count(text.begin(), text.end(), ' ') <= 2 &&
         all(text, [&](char c) { return is_alnum(c) || symbols.find(c) != std::string_view::npos; });
}

// What follows `scheme://`: host[:port], as an endpoint has it.
bool is_authority(std::string_view text) {
  if (text.empty() || text.find('*') != std::string_view::npos) return false;
  const auto last = text.rfind(':');
  const bool has_port = last != std::string_view::npos && text.back() != ']';
  const auto parsed = parse_endpoint("tcp://" + std::string(text) + (has_port ? "" : ":1"));
  return parsed && parsed->port != 0;
}

bool is_origin(std::string_view text) {
  if (text == "*") return true;
  const auto scheme = text.find("://");
  return scheme != std::string_view::npos && scheme > 0 && all(text.substr(0, scheme), is_alnum) &&
         is_authority(text.substr(scheme + 3));
}

bool is_key(std::string_view text) {
  constexpr std::string_view symbols = ".-:+=^!/*?&<>()[]{}@%$#";
  return text.size() == 40 &&
         all(text, [&](char c) { return is_alnum(c) || symbols.find(c) != std::string_view::npos; });
}

bool is_glob(std::string_view text) {
  constexpr std::string_view symbols = "._-:@/+(),*?";
  return text.size() <= protocol::max_topic_bytes &&
         all(text, [&](char c) { return is_alnum(c) || symbols.find(c) != std::string_view::npos; });
}

bool is_url(std::string_view text, std::initializer_list<std::string_view> schemes) {
  return std::any_of(schemes.begin(), schemes.end(), [&](std::string_view scheme) {
    if (!text.starts_with(scheme)) return false;
    auto authority = text.substr(scheme.size());
    authority = authority.substr(0, authority.find_first_of("/?#"));
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
    return is_authority(authority);
  });
}

}  // namespace

const text_rule an_address{[](std::string_view t) { return address_bits(t) != 0; },
                           "an IPv4 or IPv6 address, e.g. 127.0.0.1 or ::1"};
const text_rule a_network{is_network, "an address or a network, e.g. 10.0.0.1 or 10.0.0.0/8"};
const text_rule an_endpoint{[](std::string_view t) { return parse_endpoint(t).has_value(); },
                            "tcp://host:port, ipc://path or inproc://name"};
const text_rule a_name{is_name, "letters, digits, - and _, at most 64"};
const text_rule a_word{is_word, "letters, digits, -, _ and ., at most 128"};
const text_rule a_symbol{[](std::string_view t) { return protocol::is_valid_symbol(t); },
                         "letters, digits and ._-:@/+(), at most 100"};
const text_rule a_symbol_prefix{is_prefix, "letters, digits and ._-:@/+(), at most 64"};
const text_rule an_interval{is_interval,
                            "1s, 5s, 1m, 5m, 15m, 30m, 1h, 4h, 1d, 1w, 1mo or a count of ticks (100t), each "
                            "with @bid, @ask or @mid for quotes; or of volume (50v) or value (10000q)"};
const text_rule a_session{
    is_session,
    "24x7, a market's name such as XNYS, or hours such as \"0930-1600 America/New_York\" "
    "(docs/feeds.md)"};
const text_rule an_origin{is_origin, "scheme://host or scheme://host:port, or * for every origin"};
const text_rule a_key{is_key, "40 characters of Z85, as curve_keygen prints them"};
const text_rule a_topic_glob{is_glob, "a topic of at most 128 bytes, * and ? allowed"};
const text_rule an_http_url{[](std::string_view t) {
                              return is_url(t, {"http://", "https://"});
                            },
                            "http://host[:port]/path or https://…"};
const text_rule a_redis_url{[](std::string_view t) { return is_url(t, {"redis://"}); },
                            "redis://host[:port][/db]"};
const text_rule a_session_store{[](std::string_view t) { return is_url(t, {"redis://"}) || t == "cookie"; },
                                "redis://host[:port][/db] or cookie"};
const text_rule a_jwt_algorithm{
    [](std::string_view t) {
      return one_of(t, {"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512"});
    },
    "HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384 or ES512"};
const text_rule an_action{[](std::string_view t) {
                            return one_of(t, {"subscribe", "publish", "presence", "history"});
                          },
                          "subscribe, publish, presence or history"};

}  // namespace tickcast::config
