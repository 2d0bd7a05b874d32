#pragma once
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/api/past_desk.hpp"
#include "net/api/routes.hpp"
#include "net/readers.hpp"
#include "net/udf/routes.hpp"
#include "tests/support/kept_history.hpp"
#include "tests/unit/actors/world.hpp"

namespace tickcast::tests {

/// What came back over HTTP.
struct http_result {
  net::http_content_ptr content;

  unsigned status() const { return content->status; }
  std::string body() const { return std::string(content->body ? content->body->payload() : ""); }
  nlohmann::json data() const { return nlohmann::json::parse(body()); }
  /// The sentence of a refusal.
  std::string message() const { return data()["error"]["message"]; }
};

/// Reference data that a test fills.
class known_instruments final : public net::api::instrument_source {
public:
  explicit known_instruments(const net::api::instrument_source& rest) : rest_(rest) {}
  std::vector<net::api::instrument_entry> entries;

  std::vector<net::api::instrument_entry> all() const override {
    return entries.empty() ? rest_.all() : entries;
  }
  std::optional<net::api::instrument_entry> find(std::string_view symbol) const override {
    for (const auto& each : entries)
      if (each.symbol == symbol) return each;
    return rest_.find(symbol);
  }

private:
  const net::api::instrument_source& rest_;
};

/// An indicator of its own: the mean of the last `n` closes, for "mean(n)".
class mean_indicator final : public net::api::indicator_source {
public:
  protocol::expected<std::vector<net::api::indicator_column>> compute(
      std::string_view calls, std::span<const protocol::bar> bars,
      const analytics::calendar& hours) const override;
};

/// A whole engine on the test's thread, a history that the test fills, and the routes over both; reads run on
/// a reader thread of their own.
class api_world : public world {
protected:
  explicit api_world(std::function<void(config::config&)> change = {});
  ~api_world() override;

  /// Asks as a client of shard `on` would; the target is path and query.
  http_result get(const std::string& target, std::string_view accept = {},
                  std::string_view accept_encoding = {}, std::size_t on = 0);
  nlohmann::json data(const std::string& target) { return get(target).data(); }
  /// Turns the engine until `done`, for what reader threads bring.
  bool until(const std::function<bool()>& done);
  /// Bars of `symbol` in history, one each `seconds`: bar k opens at k, closes at k + 0.5, has volume 1.
  void keep_bars(const std::string& symbol, const std::string& interval, std::int64_t seconds,
                 std::int64_t first, std::int64_t end);

  kept_history past;
  net::api::known_symbols seen;
  known_instruments instruments{seen};
  net::readers threads{1, 8};
  net::shared_reads reads{threads};
  mean_indicator indicators;
  net::api::past_desk desk;
  std::vector<caf::actor> desks_;
  std::vector<net::api::api_route> routes;
};

}  // namespace tickcast::tests
