#pragma once
#include <cstdint>
#include <string_view>

namespace tickcast::config {

/// Whole numbers from `least` to `most`, both allowed.
struct range {
  std::int64_t least;
  std::int64_t most;
};

/// What a string must look like.
struct text_rule {
  bool (*holds)(std::string_view text);
  std::string_view allowed;  ///< in words, for a person who has it wrong
};

extern const text_rule an_address;       ///< IPv4 or IPv6
extern const text_rule a_network;        ///< address or address/bits
extern const text_rule an_endpoint;      ///< of ZeroMQ
extern const text_rule a_name;           ///< of a row: the path in `--set`, the topic `feed.<name>`
extern const text_rule a_word;           ///< of a kernel module, a header, a cookie: no blanks, no separators
extern const text_rule a_symbol;         ///< what a quote topic can be called
extern const text_rule a_symbol_prefix;  ///< what can stand before one
extern const text_rule a_session;  ///< when a market trades; the whole grammar is analytics/session_hours.hpp
extern const text_rule an_interval;   ///< of bars
extern const text_rule an_origin;     ///< `scheme://host[:port]` or `*`
extern const text_rule a_key;         ///< 32 bytes in Z85
extern const text_rule a_topic_glob;  ///< a topic, `*` and `?` allowed
extern const text_rule an_http_url;
extern const text_rule a_redis_url;
extern const text_rule a_session_store;  ///< where Django keeps sessions
extern const text_rule a_jwt_algorithm;
extern const text_rule an_action;  ///< of a rule

}  // namespace tickcast::config
