#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Values that we have encoded ourselves, taken apart without being decoded: where each begins and ends. For
/// compact JSON and for MessagePack; what others sent is parsed instead (parse_json.hpp, parse_msgpack.hpp).
namespace tickcast::protocol {

/// A field of a map: its name as it stands in the bytes (JSON: not unescaped), and the bytes of both.
struct field_bytes {
  std::string_view name;
  std::string_view key;
  std::string_view value;
};

struct json_bytes {
  static bool is_map(std::string_view value) noexcept { return value.starts_with('{'); }
  static bool is_array(std::string_view value) noexcept { return value.starts_with('['); }
  /// How many bytes the value at the front has.
  static std::size_t size_of(std::string_view from) noexcept;

  template <class Each>
  static void each_field(std::string_view map, Each&& each) {
    for (auto rest = map.substr(1); !rest.starts_with('}');) {
      const auto key = rest.substr(0, size_of(rest));
      rest.remove_prefix(key.size() + 1);
      const auto value = rest.substr(0, size_of(rest));
      rest.remove_prefix(value.size());
      each(field_bytes{key.substr(1, key.size() - 2), key, value});
      if (rest.starts_with(',')) rest.remove_prefix(1);
    }
  }
  template <class Each>
  static void each_element(std::string_view array, Each&& each) {
    for (auto rest = array.substr(1); !rest.starts_with(']');) {
      const auto value = rest.substr(0, size_of(rest));
      rest.remove_prefix(value.size());
      each(value);
      if (rest.starts_with(',')) rest.remove_prefix(1);
    }
  }

  static void begin_map(std::string& to, std::size_t) { to += '{'; }
  static void end_map(std::string& to) { to += '}'; }
  static void begin_array(std::string& to, std::size_t) { to += '['; }
  static void end_array(std::string& to) { to += ']'; }
  static void key(std::string& to, std::string_view bytes, bool is_first) {
    between(to, is_first);
    to += bytes;
    to += ':';
  }
  static void between(std::string& to, bool is_first) {
    if (!is_first) to += ',';
  }
  static void null(std::string& to) { to += "null"; }
};

struct msgpack_bytes {
  static bool is_map(std::string_view value) noexcept;
  static bool is_array(std::string_view value) noexcept;
  static std::size_t size_of(std::string_view from) noexcept;

  template <class Each>
  static void each_field(std::string_view map, Each&& each) {
    auto rest = map;
    for (auto left = take_count(rest); left > 0; --left) {
      const auto key = rest.substr(0, size_of(rest));
      rest.remove_prefix(key.size());
      const auto value = rest.substr(0, size_of(rest));
      rest.remove_prefix(value.size());
      each(field_bytes{text_of(key), key, value});
    }
  }
  template <class Each>
  static void each_element(std::string_view array, Each&& each) {
    auto rest = array;
    for (auto left = take_count(rest); left > 0; --left) {
      const auto value = rest.substr(0, size_of(rest));
      rest.remove_prefix(value.size());
      each(value);
    }
  }

  static void begin_map(std::string& to, std::size_t fields);
  static void end_map(std::string&) noexcept {}
  static void begin_array(std::string& to, std::size_t elements);
  static void end_array(std::string&) noexcept {}
  static void key(std::string& to, std::string_view bytes, bool) { to += bytes; }
  static void between(std::string&, bool) noexcept {}
  static void null(std::string& to) { to += '\xc0'; }

private:
  /// Takes the header of a map or an array away; returns its count.
  static std::size_t take_count(std::string_view& from) noexcept;
  static std::string_view text_of(std::string_view key) noexcept;
};

}  // namespace tickcast::protocol
