#include "api_world.hpp"

#include <charconv>
#include <cmath>
#include <mutex>

namespace tickcast::tests {

protocol::expected<std::vector<net::api::indicator_column>> mean_indicator::compute(
    std::string_view calls, std::span<const protocol::bar> bars, const analytics::calendar&) const {
  std::size_t length = 0;
  const auto number = calls.substr(std::min(calls.size(), std::string_view("mean(").size()));
  if (!calls.starts_with("mean(") ||
      std::from_chars(number.data(), number.data() + number.size(), length).ec != std::errc{})
    return tl::unexpected(protocol::error{protocol::errc::bad_field, "only mean(n) is known"});
  net::api::indicator_column column{std::string(calls), {}};
  double sum = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    sum += bars[i].close.to_double();
    if (i >= length) sum -= bars[i - length].close.to_double();
    column.values.push_back(i + 1 < length ? std::nan("") : sum / static_cast<double>(length));
  }
  return std::vector{column};
}

api_world::api_world(std::function<void(config::config&)> change)
    : world(2, std::move(change)), seen(*engine_, past), desk(*engine_, past, threads) {
  std::vector<actors::quote_window*> windows;
  for (auto& room : rooms_) {
    desks_.push_back(room->start_quote_desk());
    windows.push_back(&room->window());
  }
  engine_->history = &desk;
  const net::api::api_sources sources{.engine = *engine_,
                                      .past = past,
                                      .instruments = instruments,
                                      .reads = reads,
                                      .windows = std::move(windows),
                                      .indicators = &indicators};
  routes = net::api::api_routes(sources);
  for (auto& each : net::udf::udf_routes(sources)) routes.push_back(std::move(each));
  settle();
}

api_world::~api_world() {
  clients_.clear();
  settle();
  threads.stop(std::chrono::seconds(5));
  for (auto& each : desks_) actors::end(each);
  desks_.clear();
  settle();
}

http_result api_world::get(const std::string& target, std::string_view accept,
                           std::string_view accept_encoding, std::size_t on) {
  net::http_query query;
  query.method = "GET";
  EXPECT_TRUE(net::parse_target(target, query)) << target;
  query.accept = accept;
  query.accept_encoding = accept_encoding;
  const auto route = std::find_if(routes.begin(), routes.end(), [&](const auto& each) {
    return each.path.back() == '/' ? query.path.starts_with(each.path) : query.path == each.path;
  });
  if (route == routes.end()) throw std::runtime_error("there is no route at " + target);
  struct way_back {
    std::mutex mutex;
    net::http_content_ptr content;
    bool came = false;
  };
  const auto back = std::make_shared<way_back>();
  net::http_exchange exchange(on, [&] {
    return net::http_reply([back](net::http_content_ptr content) {
      const std::lock_guard guard{back->mutex};
      back->content = std::move(content);
      back->came = true;
    });
  });
  route->handler(query, exchange);
  if (exchange.at_once()) return {exchange.at_once()};
  const bool came = until([&] {
    const std::lock_guard guard{back->mutex};
    return back->came;
  });
  if (!came || !back->content) throw std::runtime_error("no answer to " + target);
  return {back->content};
}

bool api_world::until(const std::function<bool()>& done) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  for (;;) {
    settle();
    if (done()) return true;
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::yield();
  }
}

void api_world::keep_bars(const std::string& symbol, const std::string& interval, std::int64_t seconds,
                          std::int64_t first, std::int64_t end) {
  auto& to = past.all_bars[{interval, symbol}];
  for (auto k = first; k < end; ++k) {
    protocol::bar bar;
    bar.time_ns = k * seconds * 1'000'000'000;
    bar.open = bar.low = protocol::decimal::from_integer(k);
    bar.close = bar.high = protocol::decimal::from_parts(k * 10 + 5, 1);
    bar.volume = protocol::decimal::from_integer(1);
    bar.trades = 1;
    bar.closed = true;
    to.push_back(bar);
  }
}

}  // namespace tickcast::tests
