#include <set>

#include "api_world.hpp"

namespace tickcast::tests {
namespace {

class document_test : public api_world {
protected:
  /// Path of the document, as the routes write it.
  static std::string route_path(std::string path) {
    if (const auto brace = path.find('{'); brace != std::string::npos) path.resize(brace);
    return path;
  }
};

TEST_F(document_test, has_every_route_and_no_other) {
  std::set<std::string> told, there;
  const auto document = data("/api/v1/openapi.json");
  for (const auto& [path, what] : document["paths"].items()) told.insert(route_path(path));
  for (const auto& each : routes)
    if (each.path.starts_with("/api/")) there.insert(each.path);
  EXPECT_EQ(told, there);
}

TEST_F(document_test, has_every_parameter_that_a_route_takes_and_no_other) {
  const auto document = data("/api/v1/openapi.json");
  for (const auto& [path, what] : document["paths"].items()) {
    std::set<std::string> told;
    for (const auto& parameter : what["get"]["parameters"])
      if (parameter["in"] == "query") told.insert(parameter["name"]);
    const auto route = std::find_if(routes.begin(), routes.end(),
                                    [&](const auto& each) { return each.path == route_path(path); });
    ASSERT_NE(route, routes.end()) << path;
    EXPECT_EQ(told, std::set<std::string>(route->parameters.begin(), route->parameters.end())) << path;
  }
}

TEST_F(document_test, says_which_version_it_describes) {
  EXPECT_EQ(data("/api/v1/openapi.json")["info"]["version"], TICKCAST_VERSION);
}

TEST_F(document_test, leaves_out_what_this_server_does_not_serve) {
  const net::api::api_sources without{
      .engine = *engine_, .past = past, .instruments = instruments, .reads = reads, .windows = {}};
  for (const auto& each : net::api::api_routes(without)) {
    EXPECT_NE(each.path, "/api/v1/indicators");
    if (each.path != "/api/v1/openapi.json") continue;
    net::http_exchange exchange(0, [] { return net::http_reply([](net::http_content_ptr) {}); });
    each.handler({}, exchange);
    EXPECT_EQ(exchange.at_once()->body->payload().find("/api/v1/indicators"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace tickcast::tests
