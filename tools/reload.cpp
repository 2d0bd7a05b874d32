#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "config/in_force.hpp"
#include "config/load.hpp"
#include "net/tls_context.hpp"
#include "tools/serving.hpp"

namespace tickcast::tools {
namespace {

/// Changes of `now` that a running server takes over; all else stays as it is.
void take_over(const config::config& next, config::config& now) {
  now.listen.max_connections = next.listen.max_connections;
  now.listen.allowed_origins = next.listen.allowed_origins;
  now.listen.cors = next.listen.cors;
  now.io.hold_ms = next.io.hold_ms;
  now.limits.queue_bytes = next.limits.queue_bytes;
  now.limits.stalled_ms = next.limits.stalled_ms;
  const auto renew = [](config::curve_keys& mine, const config::curve_keys& theirs) {
    // Whether a socket asks for keys at all is fixed when it is bound.
    if (!mine.curve_client_keys.empty() && !theirs.curve_client_keys.empty())
      mine.curve_client_keys = theirs.curve_client_keys;
  };
  renew(now.service.curve, next.service.curve);
  renew(now.egress.curve, next.egress.curve);
  for (auto& mine : now.feeds)
    for (const auto& theirs : next.feeds)
      if (theirs.name == mine.name) renew(mine.curve, theirs.curve);
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

void serving::reload(const config_options& options) {
  // One does not wait for the other: a certificate that cannot be read must not keep an origin out.
  const bool renewed = renew_certificates();
  const bool read = read_again(options);
  ++reloads_[renewed && read ? 0 : 1];
}

bool serving::renew_certificates() {
  const auto made = [](const config::tls_section& files, std::string_view section) {
    return files.enabled() ? net::tls_context::server(files.certificate, files.key, section) : nullptr;
  };
  try {
    const auto for_clients = made(in_force_.listen.tls, "listen.tls");
    const auto for_operators = made(in_force_.admin.tls, "admin.tls");
    if (for_clients) server_.renew_certificate(for_clients);
    if (for_operators) admin_.renew_certificate(for_operators);
    if (for_clients || for_operators)
      spdlog::info("reload: who connects from now on gets the files as they are");
    return true;
  } catch (const std::exception& why) {
    spdlog::error("reload: {}; the certificates in force stay", why.what());
    return false;
  }
}

bool serving::read_again(const config_options& options) {
  const auto read = options.file.empty() ? config::load_defaults(options.settings)
                                         : config::load_file(options.file, options.settings);
  if (!read) {
    for (const auto& fault : read.error()) spdlog::error("reload: {}", config::to_string(fault));
    spdlog::error("reload: {} faults; the configuration in force stays", read.error().size());
    return false;
  }
  const auto before = in_force_;
  take_over(read->values, in_force_);
  server_.configure(in_force_);
  feeds_->renew_keys(in_force_);
  const auto changed = config::changed_keys(before, in_force_);
  spdlog::info("reload: taken over: {}", changed.empty() ? "nothing has changed" : joined(changed));
  if (const auto waiting = config::changed_keys(in_force_, read->values); !waiting.empty())
    spdlog::warn("reload: taken over at the next start only: {}", joined(waiting));
  return true;
}

}  // namespace tickcast::tools
