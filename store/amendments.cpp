#include "store/amendments.hpp"

#include "store/bytes.hpp"

namespace tickcast::store {
namespace {

using id_kind = protocol::trade_id::kind;

}  // namespace

std::string id_key(const protocol::trade_id& id) {
  std::string key;
  if (id.is == id_kind::none) return key;
  protocol::appender out(key);
  out.append(id.is == id_kind::number ? 'n' : 't');
  if (id.is == id_kind::number)
    put_number(out, id.number);
  else
    out.append(*id.text);
  return key;
}

std::string encode(const amendment& value) {
  std::string bytes;
  protocol::appender out(bytes);
  put_number(out, fold(value.time_ns));
  out.append(static_cast<char>(value.cancelled));
  put_decimal(out, value.price);
  put_decimal(out, value.size);
  return bytes;
}

protocol::expected<amendment> decode_amendment(std::string_view bytes) {
  byte_reader in(bytes);
  amendment value;
  value.time_ns = in.signed_number();
  value.cancelled = in.byte() != 0;
  value.price = take_decimal(in);
  value.size = take_decimal(in);
  if (!in.ok())
    return protocol::unexpected(protocol::error{protocol::errc::storage, "a stored correction is malformed"});
  return value;
}

bool amendments::add(const std::string& id_key, const amendment& value) {
  auto& present = by_id_[id_key];
  if (present.cancelled) return false;
  present = value;
  return true;
}

bool amendments::apply(protocol::trade& to) const {
  if (to.id.is == id_kind::none) return true;
  const auto found = by_id_.find(id_key(to.id));
  if (found == by_id_.end()) return true;
  to.price = found->second.price;
  to.size = found->second.size;
  return !found->second.cancelled;
}

}  // namespace tickcast::store
