#include "net/api/api_sources.hpp"

#include <fmt/format.h>

#include "net/api/past.hpp"
#include "protocol/topic.hpp"

namespace tickcast::net::api {

void look_at(const actors::engine& parts, const std::string& topic, std::string_view symbol,
             actors::view_passage::taker done) {
  const auto* of = parts.symbols.find(symbol);
  if (!of) return done(actors::topic_sight{});
  actors::tell(parts.routes.dispatcher(of->shard),
               actors::look_at_topic{topic, std::make_shared<actors::view_passage>(std::move(done))});
}

void look_at_event(const actors::engine& parts, const std::string& topic, actors::view_passage::taker done) {
  actors::tell(parts.routes.directory(),
               actors::look_at_topic{topic, std::make_shared<actors::view_passage>(std::move(done))});
}

namespace {

http_content_ptr refuse_past(const past_question& question, const std::optional<access::topic_form>& form) {
  if (!form) return make_refusal(403, fmt::format("history of {} is not permitted to you", question.topic));
  if (form->mask != 0 && !question.in_part)
    return make_refusal(403,
                        fmt::format("{} may only be had in part, which cannot be done here", question.topic));
  const auto name = protocol::parse_topic(question.topic);
  if (form->delay_ms > 0 && !(name && end_of_past(*name, form->delay_ms, 0)))
    return make_refusal(
        403, fmt::format(
                 "{} may only be had delayed, which bars by count cannot be: they have no end of their own",
                 question.topic));
  return nullptr;
}

past_sight sight_of(const api_sources& from, const std::string& topic, const access::topic_form& form,
                    actors::topic_sight seen) {
  past_sight made{std::move(seen), {}, no_end, nullptr};
  made.shown = {made.now.epoch, made.now.seq, nullptr};
  if (form.mask != 0) made.mask = &from.engine.rules->mask(form.mask);
  if (form.delay_ms == 0) return made;
  // Rows that come late belong to no position of now.
  made.shown = {};
  made.end_ns = *end_of_past(*protocol::parse_topic(topic), form.delay_ms, utc_ns());
  return made;
}

}  // namespace

void read_past(const std::shared_ptr<const api_sources>& from, http_exchange& exchange,
               past_question question, std::function<http_content_ptr(const past_sight&)> find) {
  const auto form = exchange.granted(access::action::history, question.topic);
  if (auto refusal = refuse_past(question, form)) return exchange.answer(std::move(refusal));
  auto key = fmt::format("{} {} {}", form->mask, form->delay_ms, question.key);
  const auto read = from->reads.begin(std::move(key), exchange.later());
  if (!read) return;
  look_at(from->engine, question.topic, question.symbol,
          [from, read, topic = question.topic, form = *form,
           find = std::move(find)](std::optional<actors::topic_sight> seen) {
            if (!seen)
              return read->answer(
                  make_refusal(503, "the symbol's part of the server is just being restarted; try again"));
            from->reads.run(read, [from, find, topic, form, seen = std::move(*seen)] {
              return find(sight_of(*from, topic, form, seen));
            });
          });
}

http_content_ptr refuse_unknown(std::string_view symbol) {
  return make_refusal(
      404, fmt::format("nothing is known of {}: /api/v1/instruments lists the symbols there are", symbol));
}

http_content_ptr refuse_unknown(const api_sources& from, std::string_view symbol) {
  return from.instruments.find(symbol) ? nullptr : refuse_unknown(symbol);
}

}  // namespace tickcast::net::api
