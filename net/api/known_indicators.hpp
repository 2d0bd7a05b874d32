#pragma once
#include "net/api/api_sources.hpp"

namespace tickcast::net::api {

/// All indicators of analytics/indicators.
class known_indicators final : public indicator_source {
public:
  /// Calls that one question may make.
  static constexpr std::size_t most_calls = 50;

  protocol::expected<std::vector<indicator_column>> compute(std::string_view calls,
                                                            std::span<const protocol::bar> bars,
                                                            const analytics::calendar& hours) const override;
};

}  // namespace tickcast::net::api
