#include "net/udf/answers.hpp"

#include "net/api/column_writer.hpp"

namespace tickcast::net::udf {

http_content_ptr make_error(std::string_view message) {
  return api::write_json(false, 64 + message.size(), [&](auto& to) {
    to.begin_map(2);
    to.key("s");
    to.plain("error");
    to.key("errmsg");
    to.text(message);
    to.end_map();
  });
}

std::string own_name(const actors::engine& parts, std::string_view asked) {
  const auto colon = asked.find(':');
  if (colon != std::string_view::npos && !parts.symbols.find(asked) &&
      parts.symbols.find(asked.substr(colon + 1)))
    asked.remove_prefix(colon + 1);
  return std::string(asked);
}

std::optional<api::instrument_entry> find_instrument(const api::instrument_source& among,
                                                     std::string_view asked) {
  if (auto found = among.find(asked)) return found;
  const auto colon = asked.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto found = among.find(asked.substr(colon + 1));
  if (found && !found->exchange.empty() && found->exchange != asked.substr(0, colon)) return std::nullopt;
  return found;
}

}  // namespace tickcast::net::udf
