#pragma once
#include <string>
#include <string_view>

#include "net/api/api_sources.hpp"
#include "net/http_content.hpp"

namespace tickcast::net::udf {

/// `{"s":"error","errmsg":"…"}` with 200, as the protocol wants it.
http_content_ptr make_error(std::string_view message);
inline http_content_ptr unknown_symbol() {
  return make_error("unknown_symbol");
}

/// The engine's name of a symbol that charts may also call "EXCHANGE:SYMBOL"; what it does not know is
/// returned as it came.
std::string own_name(const actors::engine& parts, std::string_view asked);
/// The same in the reference data.
std::optional<api::instrument_entry> find_instrument(const api::instrument_source& among,
                                                     std::string_view asked);

}  // namespace tickcast::net::udf
