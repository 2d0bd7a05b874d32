#include "net/api/api_sources.hpp"

#include <fmt/format.h>

namespace tickcast::net::api {

void look_at(const actors::engine& parts, const std::string& topic, std::string_view symbol,
             actors::view_passage::taker done) {
  const auto* of = parts.symbols.find(symbol);
  if (!of) return done(actors::topic_sight{});
  actors::tell(parts.routes.dispatcher(of->shard),
               actors::look_at_topic{topic, std::make_shared<actors::view_passage>(std::move(done))});
}

void read_past(const std::shared_ptr<const api_sources>& from, http_exchange& exchange, std::string key,
               const std::string& topic, std::string_view symbol,
               std::function<http_content_ptr(const actors::topic_sight&)> find) {
  if (!exchange.permits(access::action::history, topic))
    return exchange.answer(make_refusal(403, fmt::format("history of {} is not permitted to you", topic)));
  const auto read = from->reads.begin(std::move(key), exchange.later());
  if (!read) return;
  look_at(from->engine, topic, symbol,
          [from, read, find = std::move(find)](std::optional<actors::topic_sight> seen) {
            if (!seen)
              return read->answer(
                  make_refusal(503, "the symbol's part of the server is just being restarted; try again"));
            from->reads.run(read, [find, seen = std::move(*seen)] { return find(seen); });
          });
}

http_content_ptr refuse_unknown(const api_sources& from, std::string_view symbol) {
  if (from.instruments.find(symbol)) return nullptr;
  return make_refusal(
      404, fmt::format("nothing is known of {}: /api/v1/instruments lists the symbols there are", symbol));
}

}  // namespace tickcast::net::api
