#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.hpp"
#include "protocol/market.hpp"

namespace tickcast::store {

/// What a block's first bytes tell.
struct block_span {
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  std::uint32_t rows = 0;
};

/// A block: rows of one symbol and kind in ascending time, column by column. Times are steps in the coarsest
/// unit that is exact; prices are steps of one scale, sizes plain; ids are steps; of a quote only what
/// changed since the one before is told. What the columns still repeat is left to the database's compression.
///
/// `rows` must not be empty.
std::string encode_block(std::span<const protocol::trade> rows);
std::string encode_block(std::span<const protocol::quote> rows);

/// Error: storage.
protocol::expected<block_span> read_span(std::string_view block);
/// Appends the rows. Error: storage, and `to` is as before.
protocol::expected<void> decode_block(std::string_view block, std::vector<protocol::trade>& to);
protocol::expected<void> decode_block(std::string_view block, std::vector<protocol::quote>& to);

}  // namespace tickcast::store
