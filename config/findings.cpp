#include "config/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace tickcast::config {
namespace {

constexpr std::size_t longest_shown = 80;

std::string shorten(std::string text) {
  if (text.size() <= longest_shown) return text;
  std::size_t end = longest_shown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

std::vector<fault> in_order(std::vector<fault> faults) {
  std::stable_sort(faults.begin(), faults.end(), [](const fault& a, const fault& b) {
    return std::make_tuple(!a.option.empty(), a.line, a.column) <
           std::make_tuple(!b.option.empty(), b.line, b.column);
  });
  return faults;
}

}  // namespace

std::string to_string(const fault& what) {
  std::string text;
  if (!what.option.empty())
    text = fmt::format("--set {}: ", what.option);
  else if (what.line != 0)
    text = fmt::format("{}:{}:{}: ", what.file, what.line, what.column);
  else if (!what.file.empty())
    text = what.file + ": ";
  text += what.key;
  if (!what.value.empty()) text += " = " + what.value;
  if (!what.key.empty()) text += ": ";
  text += what.message;
  if (!what.allowed.empty()) text += "; allowed: " + what.allowed;
  return text;
}

const site* findings::where(const std::string& path) const {
  const auto found = sites_.find(path);
  return found == sites_.end() ? nullptr : &found->second;
}

fault findings::make(const site& where, std::string key, std::string value, std::string message,
                     std::string allowed) {
  fault made;
  if (where.option.empty()) {
    made.file = file_;
    made.line = where.line;
    made.column = where.column;
  }
  made.option = shorten(where.option);
  made.key = std::move(key);
  made.value = shorten(std::move(value));
  made.message = std::move(message);
  made.allowed = std::move(allowed);
  return made;
}

void findings::blame(const site& where, std::string key, std::string value, std::string message,
                     std::string allowed) {
  faults_.push_back(make(where, std::move(key), std::move(value), std::move(message), std::move(allowed)));
}

void findings::blame_at(const std::string& key, std::string value, std::string message, std::string allowed) {
  const site* set = where(key);
  blame(set ? *set : site{}, key, std::move(value), std::move(message), std::move(allowed));
}

void findings::notice_at(const std::string& key, std::string value, std::string message) {
  const site* set = where(key);
  notices_.push_back(make(set ? *set : site{}, key, std::move(value), std::move(message), {}));
}

bool findings::is_faulty(std::string_view key) const {
  return std::any_of(faults_.begin(), faults_.end(), [&](const fault& f) { return f.key == key; });
}

std::vector<fault> findings::take_faults() {
  return in_order(std::exchange(faults_, {}));
}
std::vector<fault> findings::take_notices() {
  return in_order(std::exchange(notices_, {}));
}

}  // namespace tickcast::config
