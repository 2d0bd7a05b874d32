#pragma once
#include <array>
#include <cstdint>
#include <msgpack.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/decimal.hpp"
#include "protocol/utf8.hpp"

namespace tickcast::protocol {

/// Appends the MessagePack form of the JSON text `value`, numbers with a point as float64. `value` must be
/// one JSON value; if it is none, nil is written.
void append_json_as_msgpack(std::string& to, std::string_view value);

/// Appends MessagePack to a buffer, value by value. The same operations as json_writer.
class msgpack_writer {
public:
  explicit msgpack_writer(std::string& to) noexcept : to_(to), packer_(*this) {}
  msgpack_writer(const msgpack_writer&) = delete;
  msgpack_writer& operator=(const msgpack_writer&) = delete;

  void begin_map(std::size_t fields) { packer_.pack_map(static_cast<std::uint32_t>(fields)); }
  void end_map() noexcept {}
  void begin_array(std::size_t elements) { packer_.pack_array(static_cast<std::uint32_t>(elements)); }
  void end_array() noexcept {}

  template <std::size_t Size>
  void key(const char (&name)[Size]) {
    plain({name, Size - 1});
  }
  void foreign_key(std::string_view name) { text(name); }
  void text(std::string_view value) {
    if (is_valid_utf8(value)) return plain(value);
    std::string repaired;
    append_as_utf8(repaired, value);
    plain(repaired);
  }
  void plain(std::string_view value) {
    const auto size = static_cast<std::uint32_t>(value.size());
    packer_.pack_str(size);
    packer_.pack_str_body(value.data(), size);
  }
  void natural(std::uint64_t value) { packer_.pack_uint64(value); }
  void whole(std::int64_t value) { packer_.pack_int64(value); }
  /// An integer or float64 where that is exact, else text with all the digits.
  void number(decimal value) {
    if (value.scale() == 0) return whole(value.mantissa());
    if (const std::optional<double> exact = value.exact_double()) {
      packer_.pack_double(*exact);
      return;
    }
    std::array<char, decimal::max_chars> digits;
    plain({digits.data(), static_cast<std::size_t>(value.write(digits.data()) - digits.data())});
  }
  template <class Float>
  void floating(Float value) {
    packer_.pack_double(static_cast<double>(value));
  }
  void boolean(bool value) {
    if (value) {
      packer_.pack_true();
    } else {
      packer_.pack_false();
    }
  }
  void null() { packer_.pack_nil(); }
  void json(std::string_view value) { append_json_as_msgpack(to_, value); }

  /// msgpack-cxx's stream concept.
  void write(const char* data, std::size_t size) { to_.append(data, size); }

private:
  std::string& to_;
  msgpack::packer<msgpack_writer> packer_;
};

}  // namespace tickcast::protocol
