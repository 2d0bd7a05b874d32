#include "store/series_state.hpp"

#include "store/bytes.hpp"

namespace tickcast::store {
namespace {

protocol::unexpected<protocol::error> malformed() {
  return protocol::unexpected(
      protocol::error{protocol::errc::storage, "a stored series' state is malformed"});
}

}  // namespace

std::string encode(const series_state& value) {
  std::string bytes;
  protocol::appender out(bytes);
  out.append(static_cast<char>(value.has_blocks));
  for (const auto number :
       {fold(value.last.first_ns), std::uint64_t{value.last.serial}, fold(value.end_ns), value.sealed_record,
        std::uint64_t{value.sealed_rows}, fold(value.newest_ns), fold(value.oldest_ns),
        fold(value.late_until_ns), value.bytes, fold(value.written_ns), fold(value.complete_from_ns)})
    put_number(out, number);
  return bytes;
}

protocol::expected<series_state> decode_series_state(std::string_view bytes) {
  byte_reader in(bytes);
  series_state value;
  value.has_blocks = in.byte() != 0;
  value.last.first_ns = in.signed_number();
  value.last.serial = static_cast<std::uint32_t>(in.number());
  value.end_ns = in.signed_number();
  value.sealed_record = in.number();
  value.sealed_rows = static_cast<std::uint32_t>(in.number());
  value.newest_ns = in.signed_number();
  value.oldest_ns = in.signed_number();
  value.late_until_ns = in.signed_number();
  value.bytes = in.number();
  value.written_ns = in.signed_number();
  value.complete_from_ns = in.signed_number();
  if (!in.ok()) return malformed();
  return value;
}

std::string encode(const bar_series_state& value) {
  std::string bytes;
  protocol::appender out(bytes);
  for (const auto number : {value.rows, value.bytes, fold(value.written_ns), fold(value.complete_from_ns)})
    put_number(out, number);
  return bytes;
}

protocol::expected<bar_series_state> decode_bar_series_state(std::string_view bytes) {
  byte_reader in(bytes);
  bar_series_state value;
  value.rows = in.number();
  value.bytes = in.number();
  value.written_ns = in.signed_number();
  value.complete_from_ns = in.signed_number();
  if (!in.ok()) return malformed();
  return value;
}

}  // namespace tickcast::store
