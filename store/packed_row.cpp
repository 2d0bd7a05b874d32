#include "store/packed_row.hpp"

#include <cstring>
#include <memory>
#include <string>

namespace tickcast::store {
namespace {

using protocol::decimal;
using id_kind = protocol::trade_id::kind;

word scale_bits(decimal value, int slot) noexcept {
  return static_cast<word>(value.scale()) << (12 + 5 * slot);
}

decimal decimal_of(const word* row, std::size_t at, int slot) noexcept {
  return decimal::from_lowest(static_cast<std::int64_t>(row[at]),
                              static_cast<int>(row[0] >> (12 + 5 * slot) & 31));
}

word head(row_kind kind, std::uint32_t symbol) noexcept {
  return static_cast<word>(kind) | static_cast<word>(symbol) << 32;
}

id_kind id_kind_of(const word* row) noexcept {
  return static_cast<id_kind>(row[0] >> 10 & 3);
}

void put_text(word* to, std::string_view text) noexcept {
  if (text.empty()) return;
  to[words_of(text.size()) - 1] = 0;
  std::memcpy(to, text.data(), text.size());
}

std::string_view text_at(const word* at, std::size_t bytes) noexcept {
  return {reinterpret_cast<const char*>(at), bytes};
}

}  // namespace

std::uint64_t position_of(const word* row) noexcept {
  switch (kind_of(row)) {
    case row_kind::trade:
    case row_kind::cancel:
    case row_kind::correct:
      return row[5];
    case row_kind::quote:
      return row[6];
    default:
      return row[2];
  }
}

std::size_t length_of(const word* row) noexcept {
  switch (kind_of(row)) {
    case row_kind::trade:
    case row_kind::cancel:
    case row_kind::correct:
      return trade_words + (id_kind_of(row) == id_kind::text ? words_of(row[4]) : 0);
    case row_kind::quote:
      return quote_words;
    default:
      return note_words + words_of(row[1] & 0xffffffff) + words_of(row[1] >> 32);
  }
}

void pack(word* to, row_kind kind, std::uint32_t symbol, std::uint64_t position,
          const protocol::trade& value) noexcept {
  to[0] = head(kind, symbol) | static_cast<word>(value.aggressor) << 8 |
          static_cast<word>(value.id.is) << 10 | scale_bits(value.price, 0) | scale_bits(value.size, 1);
  to[1] = static_cast<word>(value.time_ns);
  to[2] = static_cast<word>(value.price.mantissa());
  to[3] = static_cast<word>(value.size.mantissa());
  to[4] = value.id.number;
  to[5] = position;
  if (value.id.is == id_kind::text) {
    to[4] = value.id.text->size();
    put_text(to + trade_words, *value.id.text);
  }
}

void pack(word* to, std::uint32_t symbol, std::uint64_t position, const protocol::quote& value) noexcept {
  to[0] = head(row_kind::quote, symbol) | scale_bits(value.bid, 0) | scale_bits(value.bid_size, 1) |
          scale_bits(value.ask, 2) | scale_bits(value.ask_size, 3);
  to[1] = static_cast<word>(value.time_ns);
  to[2] = static_cast<word>(value.bid.mantissa());
  to[3] = static_cast<word>(value.bid_size.mantissa());
  to[4] = static_cast<word>(value.ask.mantissa());
  to[5] = static_cast<word>(value.ask_size.mantissa());
  to[6] = position;
}

void pack_note(word* to, row_kind kind, std::uint32_t symbol, std::uint64_t position, std::string_view first,
               std::string_view second) noexcept {
  to[0] = head(kind, symbol);
  to[1] = static_cast<word>(first.size()) | static_cast<word>(second.size()) << 32;
  to[2] = position;
  put_text(to + note_words, first);
  put_text(to + note_words + words_of(first.size()), second);
}

void unpack(const word* row, protocol::trade& to) {
  to.time_ns = time_of(row);
  to.price = decimal_of(row, 2, 0);
  to.size = decimal_of(row, 3, 1);
  to.aggressor = static_cast<protocol::side>(row[0] >> 8 & 3);
  to.id.is = id_kind_of(row);
  to.id.number = to.id.is == id_kind::number ? row[4] : 0;
  to.id.text = to.id.is == id_kind::text ? std::make_shared<const std::string>(id_text_of(row)) : nullptr;
}

void unpack(const word* row, protocol::quote& to) noexcept {
  to.time_ns = time_of(row);
  to.bid = decimal_of(row, 2, 0);
  to.bid_size = decimal_of(row, 3, 1);
  to.ask = decimal_of(row, 4, 2);
  to.ask_size = decimal_of(row, 5, 3);
}

std::string_view id_text_of(const word* row) noexcept {
  return id_kind_of(row) == id_kind::text ? text_at(row + trade_words, row[4]) : std::string_view();
}

std::string_view first_of(const word* row) noexcept {
  return text_at(row + note_words, row[1] & 0xffffffff);
}

std::string_view second_of(const word* row) noexcept {
  return text_at(row + note_words + words_of(row[1] & 0xffffffff), row[1] >> 32);
}

}  // namespace tickcast::store
