#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/market.hpp"

namespace tickcast::store {

/// One row as lanes carry it and open blocks keep it: whole 64-bit words, so that appending is a handful of
/// stores. The first word tells the kind and with it the length:
///
///     bits 0-7 kind, 8-9 side, 10-11 kind of id, 12-31 four scales of 5 bits, 32-63 the symbol's number
///
///     trade, cancel, correct   head time price size id position [text of the id]      6 words and more
///     quote                    head time bid bid_size ask ask_size position           7 words
///     bar, checkpoint, state, offset   head lengths position first-text second-text   3 words and more
///     skip                     head                                                   up to the lane's end
enum class row_kind : std::uint8_t { skip, trade, cancel, correct, quote, bar, checkpoint, state, offset };

using word = std::uint64_t;

inline constexpr std::size_t trade_words = 6;
inline constexpr std::size_t quote_words = 7;
inline constexpr std::size_t note_words = 3;

constexpr std::size_t words_of(std::size_t bytes) noexcept {
  return (bytes + sizeof(word) - 1) / sizeof(word);
}

inline row_kind kind_of(const word* row) noexcept {
  return static_cast<row_kind>(row[0] & 0xff);
}
inline std::uint32_t symbol_of(const word* row) noexcept {
  return static_cast<std::uint32_t>(row[0] >> 32);
}
inline std::int64_t time_of(const word* row) noexcept {
  return static_cast<std::int64_t>(row[1]);
}
std::uint64_t position_of(const word* row) noexcept;
/// All words of a row but `skip`.
std::size_t length_of(const word* row) noexcept;

/// Words that pack() needs.
inline std::size_t length_of(const protocol::trade& value) noexcept {
  return trade_words + (value.id.is == protocol::trade_id::kind::text ? words_of(value.id.text->size()) : 0);
}
inline std::size_t length_of_note(std::string_view first, std::string_view second) noexcept {
  return note_words + words_of(first.size()) + words_of(second.size());
}

/// `kind`: trade, cancel or correct. `to` has length_of(value) words.
void pack(word* to, row_kind kind, std::uint32_t symbol, std::uint64_t position,
          const protocol::trade& value) noexcept;
void pack(word* to, std::uint32_t symbol, std::uint64_t position, const protocol::quote& value) noexcept;
/// bar (interval, encoded bar), checkpoint (nothing, bytes), state (key, bytes), offset (feed, nothing; the
/// position is the feed's seq).
void pack_note(word* to, row_kind kind, std::uint32_t symbol, std::uint64_t position, std::string_view first,
               std::string_view second) noexcept;

/// Overwrites; an id's text is made anew.
void unpack(const word* row, protocol::trade& to);
void unpack(const word* row, protocol::quote& to) noexcept;

/// The text of a trade's id; empty unless it is text. The two texts of a note. Views into the row.
std::string_view id_text_of(const word* row) noexcept;
std::string_view first_of(const word* row) noexcept;
std::string_view second_of(const word* row) noexcept;

}  // namespace tickcast::store
