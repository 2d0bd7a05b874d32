#pragma once
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/decimal.hpp"

namespace tickcast::protocol {

/// Appends compact JSON to a buffer, value by value; puts the commas itself. Has the same operations as
/// msgpack_writer, so that one function describes a message for both.
class json_writer {
public:
  explicit json_writer(std::string& to) noexcept : to_(to) {}

  void begin_map(std::size_t = 0) { open('{'); }
  void end_map() { to_ += '}'; }
  void begin_array(std::size_t = 0) { open('['); }
  void end_array() { to_ += ']'; }

  /// A field name of ours: needs no escaping.
  template <std::size_t Size>
  void key(const char (&name)[Size]) {
    std::array<char, Size + 3> piece;
    char* at = piece.data();
    if (needs_comma()) *at++ = ',';
    *at++ = '"';
    at = std::char_traits<char>::copy(at, name, Size - 1) + Size - 1;
    *at++ = '"';
    *at++ = ':';
    append(piece.data(), at);
  }
  /// A field name of others.
  void foreign_key(std::string_view name) {
    text(name);
    to_ += ':';
  }
  /// Text of others: escaped, and what is no UTF-8 becomes U+FFFD.
  void text(std::string_view value);
  /// Text that is known to hold nothing to escape: symbols, topics, words of ours.
  void plain(std::string_view value) {
    separate();
    to_ += '"';
    to_ += value;
    to_ += '"';
  }
  void natural(std::uint64_t value) { digits(value); }
  void whole(std::int64_t value) { digits(value); }
  /// All its digits, as a JSON number.
  void number(decimal value) {
    separate();
    std::array<char, decimal::max_chars> piece;
    append(piece.data(), value.write(piece.data()));
  }
  /// Must be finite; the shortest form.
  template <class Float>
  void floating(Float value) {
    separate();
    std::array<char, 64> piece;
    append(piece.data(), std::to_chars(piece.data(), piece.data() + piece.size(), value).ptr);
  }
  void boolean(bool value) { json(value ? "true" : "false"); }
  void null() { json("null"); }
  /// A value that is compact JSON already.
  void json(std::string_view value) {
    separate();
    to_ += value;
  }

private:
  /// The last byte tells: nothing of ours yet (a frame's header room is zeros), something opened, or a key.
  bool needs_comma() const noexcept {
    if (to_.empty()) return false;
    const char last = to_.back();
    return last != '{' && last != '[' && last != ':' && last != '\0';
  }
  void separate() {
    if (needs_comma()) to_ += ',';
  }
  void open(char bracket) {
    separate();
    to_ += bracket;
  }
  template <class Integer>
  void digits(Integer value) {
    separate();
    std::array<char, 24> piece;
    append(piece.data(), std::to_chars(piece.data(), piece.data() + piece.size(), value).ptr);
  }
  void append(const char* from, const char* end) { to_.append(from, static_cast<std::size_t>(end - from)); }

  std::string& to_;
};

}  // namespace tickcast::protocol
