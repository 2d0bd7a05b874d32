#pragma once
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/error.hpp"
#include "protocol/market.hpp"
#include "store/core.hpp"
#include "store/outbox.hpp"

namespace tickcast::store {

/// Bulk loads: rows are brought in piece by piece, each touching few blocks and written at once;
/// core::writing is held for a piece only, so that the writer gets its turn between two. See
/// tick_store::merge_trades.
///
/// Thread: any, without core::writing.
template <class Row>
protocol::expected<std::size_t> merge_ticks(core& into, outbox& way, std::string_view symbol,
                                            std::span<const Row> rows);
protocol::expected<std::size_t> merge_bars(core& into, outbox& way, std::string_view interval,
                                           std::string_view symbol, std::span<const protocol::bar> rows);

/// The next piece of `rows` (ascending), which becomes shorter by it; how many of it were new. For who holds
/// core::writing.
template <class Row>
protocol::expected<std::size_t> merge_piece(core& into, outbox& way, symbol_memory& symbol,
                                            std::span<const Row>& rows);

/// As many bars, ascending and one of a time, as the writer may wait for.
protocol::expected<std::size_t> merge_bar_piece(core& into, outbox& way, symbol_memory& symbol,
                                                std::string_view interval,
                                                std::span<const protocol::bar> rows);

}  // namespace tickcast::store
