#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "store/series_state.hpp"

namespace tickcast::store {

/// Keys of the database. Numbers in them are big-endian, times with the sign turned, so that they sort as
/// they mean. A symbol's id is given once and for ever by its name.
using symbol_id = std::uint32_t;

/// What the column family `default` holds; the first byte of its keys.
enum class note_kind : char {
  version = 'v',      ///< of the form of what is stored
  next_record = 'j',  ///< no journal record before this one will be made again
  name = 'n',         ///< name -> id
  trades = 'q',       ///< id -> series_state
  quotes = 'r',       ///< id -> series_state
  bars = 'b',         ///< id, interval -> bar_series_state
  checkpoint = 'c',   ///< id -> journal record, position, bytes
  broken = 'l',       ///< id -> position: rows after the checkpoint at this position have been lost
  offset = 'o',       ///< feed -> lowest, highest
  state = 't',        ///< key -> bytes
  hole = 'h',         ///< id, kind -> holes
  amendment = 'a',    ///< id, id of the trade -> amendment
};

std::string note_key(note_kind kind, std::string_view text = {});
std::string note_key(note_kind kind, symbol_id id, std::string_view text = {});
symbol_id id_in(std::string_view note_key) noexcept;  ///< 0 when it is too short
std::string_view text_after_id(std::string_view note_key) noexcept;

std::string journal_key(std::uint64_t record);
std::uint64_t record_in(std::string_view journal_key) noexcept;

/// Blocks and late blocks of a column family `trades` or `quotes`.
std::string key_of_block(symbol_id id, const block_key& key);
block_key block_key_in(std::string_view key) noexcept;

/// Late blocks lie within a span of this length each, so that a read knows how far back to look.
inline constexpr std::int64_t late_span_ns = 3'600'000'000'000;
std::int64_t start_of_late_span(std::int64_t time_ns) noexcept;
/// The series' late blocks by first time, then by the journal record they came with and a count in it.
std::string key_of_late(symbol_id id, std::int64_t first_ns, std::uint64_t record, std::uint32_t serial);
std::int64_t first_in_late(std::string_view key) noexcept;
std::uint64_t record_in_late(std::string_view key) noexcept;

/// Column family `bars`.
std::string key_of_bar(symbol_id id, std::string_view interval, std::int64_t time_ns);

}  // namespace tickcast::store
