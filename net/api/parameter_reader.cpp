#include "net/api/parameter_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "net/api/time_text.hpp"
#include "net/static_files.hpp"
#include "protocol/topic.hpp"

namespace tickcast::net::api {
namespace {

constexpr std::size_t longest_quoted = 60;

std::string_view cut(std::string_view text) {
  return text.substr(0, longest_quoted);
}

/// Calls `each` with the parts of a list between commas that stand outside of brackets.
template <class Each>
void split(std::string_view list, Each&& each) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    each(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
}

bool wants_msgpack(std::string_view accept) {
  return accept.find("application/msgpack") != std::string_view::npos ||
         accept.find("application/x-msgpack") != std::string_view::npos;
}

}  // namespace

void parameter_reader::refuse(std::string_view sentence) {
  if (!refusal_) refusal_ = make_refusal(400, sentence);
}

std::string parameter_reader::symbol(std::string_view name) {
  const auto given = query_.parameter(name);
  if (!given || given->empty()) {
    refuse(fmt::format("\"{}\" is missing: name a symbol, e.g. {}=BTCUSDT", name, name));
    return {};
  }
  if (!protocol::is_valid_symbol(*given)) {
    refuse(
        fmt::format("\"{}\" is no symbol: letters, digits and ._-:@/+(), at most 100 of them", cut(*given)));
    return {};
  }
  return std::string(*given);
}

std::string parameter_reader::interval(std::string_view name) {
  const auto given = query_.parameter(name);
  if (!given || given->empty()) {
    refuse(fmt::format("\"{}\" is missing: name a bar interval, e.g. {}=1m", name, name));
    return {};
  }
  if (const auto parsed = protocol::parse_interval(*given); !parsed) {
    refuse(parsed.error().message);
    return {};
  }
  return std::string(*given);
}

std::optional<std::int64_t> parameter_reader::time_ns(std::string_view name) {
  const auto given = query_.parameter(name);
  if (!given || given->empty()) return std::nullopt;
  const auto parsed = parse_time(*given);
  if (!parsed)
    refuse(
        fmt::format("\"{}\" cannot be \"{}\": give whole microseconds since 1970 UTC, or ISO 8601 such as "
                    "2024-08-08T09:30:00Z",
                    name, cut(*given)));
  return parsed;
}

std::size_t parameter_reader::count(std::string_view name, std::size_t by_default, std::size_t most) {
  const auto given = query_.parameter(name);
  if (!given || given->empty()) return by_default;
  std::size_t value = 0;
  const auto [end, fault] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (fault == std::errc{} && end == given->data() + given->size() && value >= 1 && value <= most)
    return value;
  refuse(fmt::format("\"{}\" cannot be \"{}\": give a whole number from 1 to {}", name, cut(*given), most));
  return by_default;
}

std::vector<std::string> parameter_reader::words(std::string_view name,
                                                 const std::vector<std::string_view>& known) {
  std::vector<std::string> result;
  split(query_.parameter(name).value_or(std::string_view{}), [&](std::string_view word) {
    if (std::find(known.begin(), known.end(), word) == known.end())
      refuse(fmt::format("\"{}\" cannot name \"{}\": it takes {}", name, cut(word), fmt::join(known, ", ")));
    else if (std::find(result.begin(), result.end(), word) == result.end())
      result.emplace_back(word);
  });
  return result;
}

std::string parameter_reader::text(std::string_view name, std::string_view by_default) {
  return std::string(query_.parameter(name).value_or(by_default));
}

http_form parameter_reader::form() {
  http_form result;
  result.gzip = accepts_gzip(query_.accept_encoding);
  if (const auto given = query_.parameter("format"); given && !given->empty()) {
    if (*given == "msgpack")
      result.encoding = protocol::encoding::msgpack;
    else if (*given != "json")
      refuse(fmt::format("\"format\" cannot be \"{}\": it takes json, msgpack", cut(*given)));
  } else if (wants_msgpack(query_.accept)) {
    result.encoding = protocol::encoding::msgpack;
  }
  return result;
}

}  // namespace tickcast::net::api
