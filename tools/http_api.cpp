#include "tools/http_api.hpp"

#include <nlohmann/json.hpp>

namespace tickcast::tools {

using nlohmann::json;

net::http_handler symbols_handler(const actors::engine& parts) {
  return [&parts](const net::http_query&) {
    json names = json::array();
    for (const auto* each : parts.symbols.all()) names.push_back(each->name);
    return net::http_answer{.body = json{{"symbols", std::move(names)}}.dump()};
  };
}

}  // namespace tickcast::tools
