#pragma once
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "protocol/appender.hpp"
#include "protocol/decimal.hpp"

namespace tickcast::protocol {

/// Appends compact JSON to a buffer, value by value; puts the commas itself. Has the same operations as
/// msgpack_writer, so that one function describes a message for both. The buffer is whole at the end
/// of the writer.
class json_writer {
public:
  explicit json_writer(std::string& to) : to_(to) {}

  void begin_map(std::size_t = 0) { open('{'); }
  void end_map() { close('}'); }
  void begin_array(std::size_t = 0) { open('['); }
  void end_array() { close(']'); }

  /// A field name of ours: needs no escaping.
  template <std::size_t Size>
  void key(const char (&name)[Size]) {
    char* at = to_.room(Size + 3);
    if (comma_) *at++ = ',';
    *at++ = '"';
    std::memcpy(at, name, Size - 1);
    at += Size - 1;
    *at++ = '"';
    *at++ = ':';
    to_.advance(at);
    comma_ = false;
  }
  /// A field name of others.
  void foreign_key(std::string_view name) {
    text(name);
    to_.append(':');
    comma_ = false;
  }
  /// Text of others: escaped, and what is no UTF-8 becomes U+FFFD.
  void text(std::string_view value);
  /// Text that is known to hold nothing to escape: symbols, topics, words of ours.
  void plain(std::string_view value) {
    char* at = begin_value(value.size() + 2);
    *at++ = '"';
    at = std::copy(value.begin(), value.end(), at);
    *at++ = '"';
    to_.advance(at);
  }
  void natural(std::uint64_t value) { digits(value); }
  void whole(std::int64_t value) { digits(value); }
  /// All its digits, as a JSON number.
  void number(decimal value) { to_.advance(value.write(begin_value(decimal::max_chars))); }
  /// Must be finite; the shortest form.
  template <class Float>
  void floating(Float value) {
    constexpr std::size_t most = 32;
    char* const at = begin_value(most);
    to_.advance(std::to_chars(at, at + most, value).ptr);
  }
  void boolean(bool value) { json(value ? "true" : "false"); }
  void null() { json("null"); }
  /// A value that is compact JSON already.
  void json(std::string_view value) {
    begin_value(0);
    to_.append(value);
  }

  /// Bytes in the buffer, those from before included.
  std::size_t size() const noexcept { return to_.size(); }

private:
  /// Room for a value of at most `bytes`, behind the comma that it may need.
  char* begin_value(std::size_t bytes) {
    char* at = to_.room(bytes + 1);
    if (comma_) *at++ = ',';
    to_.advance(at);
    comma_ = true;
    return at;
  }
  void open(char bracket) {
    begin_value(1);
    to_.append(bracket);
    comma_ = false;
  }
  void close(char bracket) {
    to_.append(bracket);
    comma_ = true;
  }
  template <class Integer>
  void digits(Integer value) {
    constexpr std::size_t most = 20;
    char* const at = begin_value(most);
    to_.advance(std::to_chars(at, at + most, value).ptr);
  }

  appender to_;
  bool comma_ = false;  ///< whether what comes next stands behind something
};

}  // namespace tickcast::protocol
