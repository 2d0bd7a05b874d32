#include "store/bar_codec.hpp"

#include "store/bytes.hpp"

namespace tickcast::store {
void encode(const protocol::bar& value, std::string& to) {
  protocol::appender out(to);
  put_number(out, fold(value.time_ns));
  put_number(out, value.rev);
  for (const auto& price : {value.open, value.high, value.low, value.close, value.volume, value.value})
    put_decimal(out, price);
  put_number(out, value.trades);
}

protocol::expected<protocol::bar> decode_bar(std::string_view bytes) {
  byte_reader in(bytes);
  protocol::bar value;
  value.time_ns = in.signed_number();
  value.rev = static_cast<std::uint32_t>(in.number());
  for (auto* price : {&value.open, &value.high, &value.low, &value.close, &value.volume, &value.value})
    *price = take_decimal(in);
  value.trades = in.number();
  value.closed = true;
  if (!in.ok() || in.left() != 0)
    return protocol::unexpected(protocol::error{protocol::errc::storage, "a stored bar is malformed"});
  return value;
}

}  // namespace tickcast::store
