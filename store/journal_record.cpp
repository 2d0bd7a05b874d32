#include "store/journal_record.hpp"

#include <algorithm>

namespace tickcast::store {
namespace {

using protocol::decimal;
using id_kind = protocol::trade_id::kind;

// A row's first byte: kind, side and kind of id. Scales follow as they stand in the packed head.
constexpr unsigned side_shift = 3;
constexpr unsigned id_shift = 5;
constexpr std::size_t most_bytes = 8 + 9 * max_number_bytes;

std::uint8_t tag_of(const word* row) noexcept {
  return static_cast<std::uint8_t>((row[0] & 7) | (row[0] >> 8 & 3) << side_shift |
                                   (row[0] >> 10 & 3) << id_shift);
}

char* put_mantissa(char* to, word mantissa) noexcept {
  return put_number(to, fold(static_cast<std::int64_t>(mantissa)));
}

decimal take_decimal(byte_reader& from, std::uint64_t scales, int slot) {
  return decimal::from_lowest(from.signed_number(),
                              std::min(static_cast<int>(scales >> (5 * slot) & 31), decimal::max_scale));
}

}  // namespace

void journal_record::add(const word* row, symbol_id symbol) {
  const auto text = id_text_of(row);
  const bool is_quote = kind_of(row) == row_kind::quote;
  if (const auto needed = used_ + most_bytes + text.size(); bytes_.size() < needed)
    bytes_.resize(2 * bytes_.size() + needed);
  char* to = bytes_.data() + used_;
  *to++ = static_cast<char>(tag_of(row));
  to = put_number(to, symbol);
  to = put_number(to, position_of(row));
  to = put_number(to, fold(difference(time_of(row), time_ns_)));
  time_ns_ = time_of(row);
  to = put_number(to, row[0] >> 12 & 0xfffff);
  to = put_mantissa(to, row[2]);
  to = put_mantissa(to, row[3]);
  if (is_quote) {
    to = put_mantissa(to, row[4]);
    to = put_mantissa(to, row[5]);
  } else {
    to = put_number(to, row[4]);
    to = std::copy(text.begin(), text.end(), to);
  }
  used_ = static_cast<std::size_t>(to - bytes_.data());
  ++rows_;
}

bool journal_record_reader::next(journal_row& to) {
  if (!ok() || in_.left() == 0) return false;
  const auto tag = in_.byte();
  to.kind = static_cast<row_kind>(tag & 7);
  to.symbol = static_cast<symbol_id>(in_.number());
  to.position = in_.number();
  time_ns_ = sum(time_ns_, in_.signed_number());
  const auto scales = in_.number();
  if (to.kind == row_kind::quote) {
    to.quote = {time_ns_, take_decimal(in_, scales, 0), take_decimal(in_, scales, 1),
                take_decimal(in_, scales, 2), take_decimal(in_, scales, 3)};
    return in_.ok();
  }
  if (to.kind != row_kind::trade && to.kind != row_kind::cancel && to.kind != row_kind::correct) {
    malformed_ = true;
    return false;
  }
  auto& value = to.trade;
  value.time_ns = time_ns_;
  value.price = take_decimal(in_, scales, 0);
  value.size = take_decimal(in_, scales, 1);
  value.aggressor = static_cast<protocol::side>(tag >> side_shift & 3);
  value.id = {static_cast<id_kind>(tag >> id_shift & 3), in_.number(), nullptr};
  if (value.id.is == id_kind::text) {
    value.id.text = std::make_shared<const std::string>(in_.bytes(value.id.number));
    value.id.number = 0;
  }
  return in_.ok();
}

}  // namespace tickcast::store
