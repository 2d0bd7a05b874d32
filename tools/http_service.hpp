#pragma once
#include "config/config.hpp"
#include "feeds/service_questions.hpp"
#include "net/server.hpp"

namespace tickcast::tools {

/// The messages of docs/service.md as `POST /api/v1/TYPE`, and several at once as `POST /api/v1/batch`, for
/// programs whose API key is of a group in auth.api_keys.service_groups. What is handed in outlives the
/// server.
void add_http_service(net::server& to, const feeds::service_questions& questions,
                      const config::api_keys_section& keys);

}  // namespace tickcast::tools
