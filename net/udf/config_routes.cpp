#include <chrono>
#include <string>

#include "net/api/column_writer.hpp"
#include "net/udf/resolution.hpp"
#include "net/udf/routes.hpp"

namespace tickcast::net::udf {
namespace {

http_content_ptr config_answer() {
  return api::write_json(false, 512, [](auto& to) {
    to.begin_map(8);
    to.key("supports_search");
    to.boolean(true);
    to.key("supports_group_request");
    to.boolean(false);
    to.key("supports_marks");
    to.boolean(true);
    to.key("supports_timescale_marks");
    to.boolean(true);
    to.key("supports_time");
    to.boolean(true);
    to.key("exchanges");
    to.json(R"([{"value":"","name":"All exchanges","desc":""}])");
    to.key("symbols_types");
    to.json(R"([{"name":"All types","value":""}])");
    to.key("supported_resolutions");
    to.begin_array(resolutions.size());
    for (const auto& each : resolutions) to.plain(each.name);
    to.end_array();
    to.end_map();
  });
}

http_content_ptr literal(std::string_view json) {
  return api::write_json(false, json.size(), [&](auto& to) { to.json(json); });
}

http_content_ptr time_answer() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  auto made = std::make_shared<http_content>();
  made->content_type = "text/plain";
  made->body =
      protocol::make_frame(std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count()),
                           protocol::encoding::json);
  made->headers = {{"Cache-Control", "no-store"}};
  return made;
}

api::api_route constant(std::string path, std::string name, std::vector<std::string_view> parameters,
                        http_content_ptr answer) {
  return {
      std::move(path), std::move(name), std::move(parameters),
      [answer = std::move(answer)](const http_query&, http_exchange& exchange) { exchange.answer(answer); }};
}

}  // namespace

std::vector<api::api_route> config_routes() {
  const std::vector<std::string_view> stretch{"symbol", "from", "to", "resolution"};
  return {
      constant("/udf/config", "udf_config", {}, config_answer()),
      {"/udf/time",
       "udf_time",
       {},
       [](const http_query&, http_exchange& exchange) { exchange.answer(time_answer()); }},
      // Nothing marks bars or times yet.
      constant(
          "/udf/marks", "udf_marks", stretch,
          literal(R"({"id":[],"time":[],"color":[],"text":[],"label":[],"labelFontColor":[],"minSize":[]})")),
      constant("/udf/timescale_marks", "udf_timescale_marks", stretch, literal("[]")),
  };
}

}  // namespace tickcast::net::udf
