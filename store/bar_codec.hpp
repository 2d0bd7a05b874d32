#pragma once
#include <string>
#include <string_view>

#include "protocol/error.hpp"
#include "protocol/market.hpp"

namespace tickcast::store {

/// Appends a bar's bytes. All of a stored bar is closed.
void encode(const protocol::bar& value, std::string& to);
/// Error: storage.
protocol::expected<protocol::bar> decode_bar(std::string_view bytes);

}  // namespace tickcast::store
