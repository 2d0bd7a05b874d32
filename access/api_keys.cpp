#include "access/api_keys.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace tickcast::access {
namespace {

std::string_view next_word(std::string_view& text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return text = {};
  text.remove_prefix(begin);
  const auto word = text.substr(0, text.find_first_of(" \t\r"));
  text.remove_prefix(word.size());
  return word;
}

bool is_name(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !text.empty() && text.size() <= 64 && text.find_first_not_of(letters) == std::string_view::npos;
}

}  // namespace

api_keys::entry api_keys::read_line(std::string_view line, std::size_t number) {
  const auto fail = [number](std::string_view what) {
    throw std::runtime_error(fmt::format("line {}: {}", number, what));
  };
  entry made;
  made.name = next_word(line);
  if (!is_name(made.name)) fail("a key's name has letters, digits, -, _ and ., at most 64");
  const auto hex = next_word(line);
  if (hex.size() != 2 * made.hash.size()) fail("behind the name stands the key's SHA-256, 64 hex digits");
  for (std::size_t i = 0; i < made.hash.size(); ++i) {
    const auto* at = hex.data() + 2 * i;
    const auto read = std::from_chars(at, at + 2, made.hash[i], 16);
    if (read.ec != std::errc{} || read.ptr != at + 2) fail("the key's SHA-256 has 64 hex digits");
  }
  auto groups = next_word(line);
  while (!groups.empty()) {
    const auto comma = groups.find(',');
    if (const auto group = groups.substr(0, comma); !group.empty()) made.groups.emplace_back(group);
    groups = comma == std::string_view::npos ? std::string_view{} : groups.substr(comma + 1);
  }
  if (!next_word(line).empty()) fail("groups are separated by commas, without spaces");
  return made;
}

api_keys::api_keys(std::string_view text) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#') continue;
    auto made = read_line(line, number);
    const auto same = [&](const entry& other) { return other.name == made.name; };
    if (std::any_of(entries_.begin(), entries_.end(), same))
      throw std::runtime_error(fmt::format("line {}: the name {} is there twice", number, made.name));
    entries_.push_back(std::move(made));
  }
}

verdict api_keys::check(std::string_view key) const {
  if (key.size() < shortest || key.size() > longest)
    return refuse(reason::malformed, fmt::format("an API key has {} to {} characters", shortest, longest));
  digest shown{};
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), shown.data());
  const entry* found = nullptr;
  for (const auto& each : entries_)
    if (CRYPTO_memcmp(each.hash.data(), shown.data(), shown.size()) == 0) found = &each;
  if (!found) return refuse(reason::unknown_key, "this API key is none of this server's");
  identity who;
  who.user = "key:" + found->name;
  who.name = found->name;
  who.groups = found->groups;
  who.by = proof::api_key;
  return who;
}

}  // namespace tickcast::access
