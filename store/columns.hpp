#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "protocol/decimal.hpp"
#include "store/bytes.hpp"

namespace tickcast::store {

/// Columns of a block. Each is written by put_… and read by take_… with the same number of values.

/// Ascending times after `first`: the exponent of the unit (a power of ten, nanoseconds), then the steps.
void put_times(protocol::appender& to, std::span<const std::int64_t> times);
void take_times(byte_reader& from, std::int64_t first, std::span<std::int64_t> times);

/// Decimals of one scale, as steps from one to the next or plainly; where they do not fit into one scale
/// each has its own.
enum class steps : bool { no, yes };
void put_decimals(protocol::appender& to, std::span<const protocol::decimal> values, steps as);
void take_decimals(byte_reader& from, std::span<protocol::decimal> values, steps as);

/// Values below 1 << bits, packed; bits is 2 or 4. One byte alone when all are equal.
void put_small(protocol::appender& to, std::span<const std::uint8_t> values, unsigned bits);
void take_small(byte_reader& from, std::span<std::uint8_t> values, unsigned bits);

}  // namespace tickcast::store
