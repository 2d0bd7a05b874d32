#include "net/admin/listing.hpp"

#include <charconv>

namespace tickcast::net::admin {
namespace {

bool read_number(const admin_request& from, std::string_view name, std::size_t most, std::size_t& to) {
  const auto text = from.query.parameter(name);
  if (!text) return true;
  const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), to);
  return ec == std::errc{} && end == text->data() + text->size() && to <= most;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool glob(std::string_view text, std::string_view pattern) {
  std::size_t t = 0, p = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || lower(pattern[p]) == lower(text[t]))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

double number(const cell& of) {
  if (const auto* yes = std::get_if<bool>(&of)) return *yes ? 1 : 0;
  if (const auto* whole = std::get_if<std::int64_t>(&of)) return static_cast<double>(*whole);
  const auto* real = std::get_if<double>(&of);
  return real ? *real : 0;
}

}  // namespace

std::string list_query::read(const admin_request& from, list_query& to) {
  if (!read_number(from, "offset", 100'000'000, to.offset)) return "offset is no whole number";
  if (!read_number(from, "limit", most_rows, to.limit)) return "limit must be a whole number, at most 500";
  to.sort = from.text("sort");
  to.descending = !to.sort.empty() && to.sort.front() == '-';
  if (to.descending) to.sort.erase(0, 1);
  to.filter = from.text("filter");
  return {};
}

nlohmann::json to_json(const cell& value) {
  return std::visit(
      [](const auto& what) -> nlohmann::json {
        if constexpr (std::is_same_v<std::decay_t<decltype(what)>, std::monostate>)
          return nullptr;
        else if constexpr (std::is_same_v<std::decay_t<decltype(what)>, composite>)
          return what.value;
        else
          return what;
      },
      value);
}

bool before(const cell& a, const cell& b) {
  const auto rank = [](const cell& of) {
    if (std::holds_alternative<std::string>(of)) return 2;
    return of.index() == 0 || std::holds_alternative<composite>(of) ? 0 : 1;
  };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  if (const auto* text = std::get_if<std::string>(&a)) return *text < std::get<std::string>(b);
  return number(a) < number(b);
}

bool matches(std::string_view text, std::string_view filter) {
  if (filter.find_first_of("*?") != std::string_view::npos) return glob(text, filter);
  return std::search(text.begin(), text.end(), filter.begin(), filter.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

}  // namespace tickcast::net::admin
