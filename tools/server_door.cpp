#include "tools/server_door.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "protocol/feed_text.hpp"
#include "protocol/time_text.hpp"
#include "protocol/topic.hpp"
#include "tools/units.hpp"

namespace tickcast::tools {
namespace {

using nlohmann::json;

/// Merging waits for the server's disk.
constexpr std::chrono::milliseconds patience{120'000};
/// An import that was left off is given up by the server after five seconds.
constexpr int most_tries = 15;
constexpr unsigned conflict = 409;

std::uint64_t count_of(const json& answer, const char* name) {
  const auto& value = member(answer, name);
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

/// Hands rows on and notes how far they went.
class passing_sink final : public protocol::feed_sink {
public:
  explicit passing_sink(protocol::feed_sink& to) : to_(to) {}

  void on_trade(std::string_view symbol, protocol::trade&& value, std::optional<std::uint64_t>) override {
    last_ns = value.time_ns;
    to_.on_trade(symbol, std::move(value), {});
  }
  void on_quote(std::string_view symbol, protocol::quote&& value, std::optional<std::uint64_t>) override {
    last_ns = value.time_ns;
    to_.on_quote(symbol, std::move(value), {});
  }
  void on_bar(std::string_view symbol, std::string_view interval, protocol::bar&& value,
              std::optional<std::uint64_t>) override {
    last_ns = value.time_ns;
    to_.on_bar(symbol, interval, std::move(value), {});
  }
  void on_amendment(std::string_view, protocol::trade_amendment&&, std::optional<std::uint64_t>) override {}
  void on_event(std::string_view, std::string&&, std::optional<std::uint64_t>) override {}
  void on_refused(protocol::error&& why, std::optional<std::uint64_t>) override {
    fault = std::move(why.message);
  }

  std::optional<std::int64_t> last_ns;
  std::string fault;

private:
  protocol::feed_sink& to_;
};

class server_door final : public history_door {
public:
  server_door(admin_client client, std::string what) : client_(std::move(client)), what_(std::move(what)) {}

  admin_result<store::import_count> bring(const store::row_batch& rows, bool more) override {
    protocol::feed_text text(',');
    rows.each(
        [&](const std::string& symbol, protocol::trade row) { text.on_trade(symbol, std::move(row), {}); },
        [&](const std::string& symbol, protocol::quote row) { text.on_quote(symbol, std::move(row), {}); },
        [&](const std::string& symbol, const std::string& interval, protocol::bar row) {
          text.on_bar(symbol, interval, std::move(row), {});
        });
    const auto body = text.take_array();
    return post(body, more).and_then([&](const std::string& answer) { return read_count(answer); });
  }

  admin_result<std::optional<std::int64_t>> read(const std::string& topic, const store::range& which,
                                                 protocol::feed_sink& to) override {
    const auto until = [](std::int64_t time_ns, std::int64_t without) {
      return time_ns == without ? std::string() : protocol::iso_time(time_ns);
    };
    const store::range open;
    const auto answer = client_.get("/api/export" + query_text({{"topic", topic},
                                                                {"from", until(which.from_ns, open.from_ns)},
                                                                {"to", until(which.to_ns, open.to_ns)},
                                                                {"limit", std::to_string(which.limit)}}),
                                    patience);
    if (!answer) return tl::unexpected(answer.error());
    passing_sink sink(to);
    if (*answer != "[]") protocol::decode_feed(*answer, protocol::feed_format::json, sink);
    if (!sink.fault.empty())
      return tl::unexpected(
          admin_failure{exit_code::failed, "the server's answer cannot be read: " + sink.fault});
    if (!sink.last_ns) return std::nullopt;
    return *sink.last_ns + 1;
  }

  admin_result<void> close() override { return {}; }
  std::string where() const override { return client_.base(); }

private:
  admin_result<std::string> post(const std::string& body, bool more) const {
    const auto target = "/api/import" + query_text({{"import", import_},
                                                    {"what", import_.empty() ? what_ : std::string()},
                                                    {"more", more ? "true" : ""}});
    auto answer = client_.post(target, body, patience);
    for (int i = 1; i < most_tries && import_.empty() && !answer && answer.error().status == conflict; ++i) {
      if (i == 1) fmt::print(stderr, "tickcast import: waiting: {}\n", answer.error().message);
      if (!client_.pause(1.0)) return tl::unexpected(admin_failure{exit_code::interrupted, {}});
      answer = client_.post(target, body, patience);
    }
    return answer;
  }

  admin_result<store::import_count> read_count(const std::string& body) {
    const auto answer = read_answer(body);
    if (!answer) return tl::unexpected(answer.error());
    import_ = as_text(member(*answer, "import"));
    for (const auto& each : member(*answer, "complaints"))
      fmt::print(stderr, "tickcast import: the server refused a row: {}\n", printable(as_text(each)));
    return store::import_count{count_of(*answer, "rows"), count_of(*answer, "new"),
                               count_of(*answer, "refused")};
  }

  admin_client client_;
  std::string what_;
  std::string import_;  // of the server; empty until it has begun
};

}  // namespace

admin_result<std::unique_ptr<history_door>> open_server(admin_client client, const std::string& holder,
                                                        const std::string& what) {
  if (!holder.empty()) {
    const auto overview = client.get_json("/api/overview");
    if (!overview) return tl::unexpected(overview.error());
    if (const auto pid = as_text(member(*overview, "pid")); pid != holder)
      return tl::unexpected(admin_failure{
          exit_code::failed,
          fmt::format(
              "process {} works on the directory, but {} is process {}; give --admin with the address "
              "of the first one's admin port",
              holder, client.base(), pid)});
  }
  return std::make_unique<server_door>(std::move(client), what);
}

}  // namespace tickcast::tools
