#include "store/keys.hpp"

#include <limits>

namespace tickcast::store {
namespace {

constexpr char block_mark = 0;
constexpr char late_mark = 1;
// mark, id, time
constexpr std::size_t after_time = 1 + 4 + 8;

template <class Number>
void put_big_endian(std::string& to, Number number) {
  for (int shift = static_cast<int>(sizeof(Number)) * 8 - 8; shift >= 0; shift -= 8)
    to.push_back(static_cast<char>(number >> shift));
}

template <class Number>
Number take_big_endian(std::string_view from, std::size_t at) noexcept {
  if (from.size() < at + sizeof(Number)) return 0;
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    number = static_cast<Number>(number << 8 | static_cast<unsigned char>(from[at + i]));
  return number;
}

constexpr std::uint64_t sign = std::uint64_t{1} << 63;

void put_time(std::string& to, std::int64_t time_ns) {
  put_big_endian(to, static_cast<std::uint64_t>(time_ns) ^ sign);
}

std::int64_t take_time(std::string_view from, std::size_t at) noexcept {
  return static_cast<std::int64_t>(take_big_endian<std::uint64_t>(from, at) ^ sign);
}

}  // namespace

std::string note_key(note_kind kind, std::string_view text) {
  std::string key(1, static_cast<char>(kind));
  return key.append(text);
}

std::string note_key(note_kind kind, symbol_id id, std::string_view text) {
  std::string key(1, static_cast<char>(kind));
  put_big_endian(key, id);
  return key.append(text);
}

symbol_id id_in(std::string_view note_key) noexcept {
  return take_big_endian<symbol_id>(note_key, 1);
}

std::string_view text_after_id(std::string_view note_key) noexcept {
  return note_key.size() > 5 ? note_key.substr(5) : std::string_view();
}

std::string journal_key(std::uint64_t record) {
  std::string key;
  put_big_endian(key, record);
  return key;
}

std::uint64_t record_in(std::string_view journal_key) noexcept {
  return take_big_endian<std::uint64_t>(journal_key, 0);
}

std::string key_of_block(symbol_id id, const block_key& key) {
  std::string made(1, block_mark);
  put_big_endian(made, id);
  put_time(made, key.first_ns);
  put_big_endian(made, key.serial);
  return made;
}

block_key block_key_in(std::string_view key) noexcept {
  return {take_time(key, 5), take_big_endian<std::uint32_t>(key, after_time)};
}

std::int64_t start_of_late_span(std::int64_t time_ns) noexcept {
  const auto rest = time_ns % late_span_ns;
  const auto back = rest < 0 ? rest + late_span_ns : rest;
  return time_ns < std::numeric_limits<std::int64_t>::min() + back ? std::numeric_limits<std::int64_t>::min()
                                                                   : time_ns - back;
}

std::string key_of_late(symbol_id id, std::int64_t first_ns, std::uint64_t record, std::uint32_t serial) {
  std::string made(1, late_mark);
  put_big_endian(made, id);
  put_time(made, first_ns);
  put_big_endian(made, record);
  put_big_endian(made, serial);
  return made;
}

std::int64_t first_in_late(std::string_view key) noexcept {
  return take_time(key, 5);
}

std::uint64_t record_in_late(std::string_view key) noexcept {
  return take_big_endian<std::uint64_t>(key, after_time);
}

std::string key_of_bar(symbol_id id, std::string_view interval, std::int64_t time_ns) {
  std::string made;
  put_big_endian(made, id);
  made.append(interval).push_back('\0');
  put_time(made, time_ns);
  return made;
}

}  // namespace tickcast::store
