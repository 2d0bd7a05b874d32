#pragma once
#include <string_view>
#include <vector>

#include "protocol/error.hpp"
#include "protocol/market.hpp"
#include "store/core.hpp"
#include "store/history.hpp"

namespace tickcast::store {

/// Rows of memory and database as one answer: what is in memory is taken under the symbol's lock together
/// with a snapshot of the database, so that nothing is seen twice or not at all, whatever is written
/// meanwhile.
///
/// Thread: any. Errors: storage.
template <class Row>
protocol::expected<std::vector<Row>> read_ticks(const core& of, std::string_view symbol, const range& which);

protocol::expected<std::vector<protocol::bar>> read_bars(const core& of, std::string_view interval,
                                                         std::string_view symbol, const range& which);

/// Every late row of the database in [from_ns, to_ns) of records before `before_record`, ascending; rows of
/// one time in the order in which they came.
template <class Row>
protocol::expected<std::vector<Row>> read_late(const database& db, symbol_id id, std::int64_t from_ns,
                                               std::int64_t to_ns, std::uint64_t before_record,
                                               const database::snapshot* as_of);

}  // namespace tickcast::store
