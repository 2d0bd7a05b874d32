#include "actors/runtime/message_trace.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <unordered_map>

namespace tickcast::actors {
namespace {

using teller = std::function<std::string(const void*)>;

std::unordered_map<std::type_index, teller>& tellers() {
  static std::unordered_map<std::type_index, teller> all;
  return all;
}

std::string plain_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  std::string name = status == 0 ? text.get() : type.name();
  if (const auto colons = name.rfind("::"); colons != std::string::npos && name.back() != '>')
    name.erase(0, colons + 2);
  return name;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

void tell_message(std::type_index type, std::function<std::string(const void*)> how) {
  tellers().insert_or_assign(type, std::move(how));
}

message_text text_of(const caf::type_erased_tuple& message) {
  message_text result;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const auto* type = message.type(i).second;
    if (!result.name.empty()) result.name += ", ";
    // Types with a number are CAF's own: exit_msg, down_msg, …
    result.name += type ? plain_name(*type) : message.stringify(i);
    if (!type) continue;
    if (const auto how = tellers().find(*type); how != tellers().end())
      result.text += how->second(message.get(i));
  }
  return result;
}

message_trace::message_trace(std::size_t most, clock::time_point until, std::string filter)
    : most_(most), until_(until), filter_(lower(std::move(filter))) {}

bool message_trace::wanted(const row& what) const {
  return filter_.empty() || lower(what.message).find(filter_) != std::string::npos ||
         lower(what.text).find(filter_) != std::string::npos;
}

bool message_trace::add(row what) {
  std::lock_guard guard{mutex_};
  if (stopped_ || rows_.size() >= most_ || clock::now() >= until_) return false;
  what.seq = ++seen_;
  if (!wanted(what)) return true;
  if (what.text.size() > longest_text) {
    what.text.resize(longest_text);
    what.text += "…";
  }
  rows_.push_back(std::move(what));
  return rows_.size() < most_;
}

void message_trace::stop() {
  std::lock_guard guard{mutex_};
  stopped_ = true;
}

message_trace::reading message_trace::read() const {
  std::lock_guard guard{mutex_};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - clock::now()).count();
  return {stopped_ || left <= 0, rows_.size() >= most_, std::max<std::int64_t>(left, 0), seen_, rows_};
}

}  // namespace tickcast::actors
