#pragma once
#include <functional>
#include <string>
#include <vector>

#include "actors/runtime/host.hpp"
#include "net/api/api_sources.hpp"
#include "protocol/codes.hpp"
#include "protocol/service_request.hpp"

namespace tickcast::net::api {

/// What backends read over the service's ROUTER: `get_quote` and `get_history` are answered by the routes of
/// `/api/v1`, with the same parameters and the same answers.
///
/// Lifetime: as the routes'; `where`, on which the routes are called, outlives the questions.
class service_reads {
public:
  struct way {
    std::function<void(std::string_view payload)> reply;
    std::function<void(protocol::error_code code, std::string why)> refuse;
  };

  /// `where`: the host of the first shard.
  service_reads(const api_sources& sources, actors::host& where);

  /// A quote: `symbol`. Any thread.
  void get_quote(const protocol::service_request& question, way back) const;
  /// Trades: `symbol`; bars: with `interval`; indicators: with `functions` as well; all with `from`, `to` and
  /// `limit` as over HTTP. Any thread.
  void get_history(const protocol::service_request& question, way back) const;

private:
  void ask(const std::string& path, const protocol::service_request& question, way back) const;

  std::vector<api_route> routes_;
  actors::host& where_;
};

}  // namespace tickcast::net::api
