#include "feeds/service_desk.hpp"

#include <fmt/format.h>

#include <utility>

#include "actors/runtime/probe.hpp"
#include "protocol/utf8.hpp"

namespace tickcast::feeds {
namespace {

/// Questions taken before answers get their turn.
constexpr int most_in_a_row = 64;

}  // namespace

service_desk::service_desk(caf::actor_config& cfg, actors::host& where, actors::engine& parts,
                           router_socket& socket, const service_questions& questions,
                           std::shared_ptr<answer_box> answers, service_counters& counters)
    : hosted(cfg, where, parts.probes, {"service_desk", "service_desk", "root/services", where.name()}),
      engine_(parts),
      socket_(socket),
      questions_(questions),
      answers_(std::move(answers)),
      counters_(counters) {}

service_desk::behavior_type service_desk::make_behavior() {
  socket_.on_message([this] {
    const caf::strong_actor_ptr keep{ctrl()};
    in_actor([this] { read(); });
  });
  look();
  return {[this](const actors::client_call& what) { on_call(what); }};
}

void service_desk::describe_to(actors::description& to) {
  to.add("open_questions", counters_.open.load(std::memory_order_relaxed));
  to.add("types", questions_.types());
  to.add("workers", book_.workers());
  to.add("open_calls", book_.open_calls());
}

void service_desk::on_exit() {
  socket_.on_message({});
  for (const auto& each : claimed_) engine_.claims.release(each, owner);
  // Whoever waits is told so by the errands, which end with the book.
}

void service_desk::read() {
  for (int i = 0; i < most_in_a_row; ++i) {
    auto message = socket_.receive();
    if (!message) break;
    take(std::move(*message));
  }
}

void service_desk::refuse(const routed_message& to, const protocol::service_refusal& why) {
  actors::bump(counters_.refused);
  socket_.answer(to, protocol::encode_service_error(why));
}

void service_desk::take(routed_message message) {
  book_.heard(message.peer, where().now());
  if (!message.is_whole)
    return refuse(message, {.message = "a question is one frame; further ones are not read"});
  const auto question = protocol::decode_service_request(message.body);
  if (!question) return refuse(message, question.error());
  if (question->type == "answer") return on_answer(*question, message);
  if (question->type == "ping") return socket_.done();
  if (question->type == "claim") return on_claim(*question, message);
  if (question->type == "unclaim") return on_unclaim(*question, message);
  answer_question(*question, std::move(message));
}

void service_desk::answer_question(const protocol::service_request& question, routed_message&& message) {
  const auto* handler = questions_.find(question.type);
  if (!handler)
    return refuse(
        message,
        {question.id, question.as, protocol::error_code::unknown_command,
         fmt::format("nobody answers \"{}\" here; these are answered: {}",
                     protocol::is_valid_utf8(question.type.substr(0, 60)) ? question.type.substr(0, 60) : "?",
                     questions_.types())});
  message.body.clear();
  const service_way way(
      question, [answers = answers_, socket = &socket_, to = std::move(message)](std::string bytes) {
        answers->post([socket, to, bytes = std::move(bytes)] { socket->answer(to, bytes); });
      });
  (*handler)(question, way);
}

}  // namespace tickcast::feeds
