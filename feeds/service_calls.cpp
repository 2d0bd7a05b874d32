#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "actors/runtime/log.hpp"
#include "feeds/service_desk.hpp"
#include "protocol/client_message.hpp"

// The service desk's other half: what clients send to backends.
namespace tickcast::feeds {
namespace {

using nlohmann::json;
using protocol::error_code;

/// How often leases and calls are looked at.
constexpr std::chrono::milliseconds look_every{50};
constexpr std::size_t most_types = 1000;
constexpr std::size_t longest_name = 64;
/// Backends' own codes; those of ours are below.
constexpr std::int64_t lowest_code = 1000;
constexpr std::int64_t highest_code = 65535;

/// data.types; nothing: they are not what they should be.
std::optional<std::vector<std::string>> types_of(const json& data, bool may_be_none) {
  std::vector<std::string> found;
  const auto given = data.find("types");
  if (given == data.end()) return may_be_none ? std::optional(found) : std::nullopt;
  if (!given->is_array() || given->empty() || given->size() > most_types) return std::nullopt;
  for (const auto& each : *given) {
    if (!each.is_string() || !protocol::is_call_type(each.get_ref<const std::string&>())) return std::nullopt;
    found.push_back(each.get<std::string>());
  }
  return found;
}

/// A backend's refusal, as far as it can be understood.
actors::call_result refusal_of(const std::string& text) {
  const auto given = json::parse(text, nullptr, false);
  actors::call_result made{{}, lowest_code, "the backend refused it and did not say why"};
  if (!given.is_object()) return made;
  if (const auto code = given.find("code"); code != given.end() && code->is_number_integer())
    made.code = static_cast<std::uint32_t>(std::clamp(code->get<std::int64_t>(), lowest_code, highest_code));
  if (const auto why = given.find("message"); why != given.end() && why->is_string())
    made.message = why->get<std::string>();
  if (const auto data = given.find("data"); data != given.end() && !data->is_null()) made.data = data->dump();
  return made;
}

}  // namespace

void service_desk::on_claim(const protocol::service_request& question, const routed_message& message) {
  const auto refuse_it = [&](error_code code, std::string why) {
    refuse(message, {question.id, question.as, code, std::move(why)});
  };
  const auto types = types_of(question.data, false);
  if (!types)
    return refuse_it(
        error_code::bad_request,
        "claim needs data.types, a list of up to 1000 texts of 1 to 64 letters, digits and ._-, none "
        "of them a word of the client protocol");
  std::string name;
  if (const auto given = question.data.find("name"); given != question.data.end()) {
    if (!given->is_string() || given->get_ref<const std::string&>().size() > longest_name)
      return refuse_it(error_code::bad_request, "name must be a text of at most 64 bytes");
    name = given->get<std::string>();
  }
  const actors::call_taker_actor self(this);
  for (const auto& each : *types) {
    if (const auto other = engine_.claims.claim(each, owner, self)) {
      tell_board();  // takes back those before it
      return refuse_it(error_code::conflict, fmt::format("{} is taken by {} already", each, *other));
    }
    claimed_.insert(each);
  }
  book_.claim(message, question.as, name, *types, where().now());
  actors::log(actors::component::feeds)
      .info("backend {} takes {} types of client messages", name.empty() ? "worker" : name, types->size());
  const auto lease = json{{"lease_ms", engine_.settings.service.lease_ms}}.dump();
  socket_.answer(message,
                 protocol::encode_service_reply(question, protocol::encode_service_data(question.as, lease)));
}

void service_desk::on_unclaim(const protocol::service_request& question, const routed_message& message) {
  const auto types = types_of(question.data, true);
  if (!types)
    return refuse(message, {question.id, question.as, error_code::bad_request,
                            "unclaim takes data.types, a list of texts, or nothing for all"});
  book_.unclaim(message.peer, *types);
  tell_board();
  socket_.answer(message,
                 protocol::encode_service_reply(question, protocol::encode_service_data(question.as, "{}")));
}

void service_desk::on_call(const actors::client_call& what) {
  const auto& who = what.who->who();
  auto* by = book_.choose(what.type, who.signed_in() ? who.user : what.client);
  const auto reject = [&](error_code code, std::string why) {
    if (what.back) what.back->reject(code, std::move(why));
    actors::bump(counters_.calls_refused);
  };
  if (!by) return reject(error_code::unknown_command, "no backend takes \"" + what.type + "\" any more");
  if (by->open >= engine_.settings.service.calls)
    return reject(error_code::too_many_requests,
                  "the backend has as many calls open as service.calls allows");
  std::string id;
  if (what.back)
    id = book_.open(*by, what.back,
                    where().now() + std::chrono::milliseconds(engine_.settings.service.call_ms));
  const auto bytes = protocol::encode_service_call(
      by->as, {id, what.type, who.user, who.name, who.groups, what.client, what.data});
  actors::bump(counters_.calls);
  switch (socket_.send_to(by->way, bytes)) {
    case router_socket::sending::sent:
      return;
    case router_socket::sending::full:
      if (!id.empty()) book_.close(by->way.peer, id);
      return reject(error_code::too_many_requests, "the backend does not read its calls: try again later");
    case router_socket::sending::gone:
      // It never had this one: another worker may.
      if (!id.empty()) book_.close(by->way.peer, id);
      lose_worker(std::string(by->way.peer), "its connection is gone");
      return on_call(what);
  }
}

void service_desk::on_answer(const protocol::service_request& answer, const routed_message& message) {
  socket_.done();
  const auto id = json::parse(answer.id.empty() ? "null" : answer.id, nullptr, false);
  const auto back = id.is_string() ? book_.close(message.peer, id.get_ref<const std::string&>()) : nullptr;
  if (!back) {
    actors::bump(counters_.answers_unknown);
    return;
  }
  if (answer.error_text.empty())
    back->answer({answer.data_text});
  else
    back->answer(refusal_of(answer.error_text));
}

void service_desk::lose_worker(const std::string& peer, std::string_view why) {
  const auto lost = book_.lose(peer);
  actors::bump(counters_.workers_lost);
  actors::log(actors::component::feeds)
      .warn("a backend worker is lost, {}: {} calls it had are answered with no_answer", why, lost.size());
  for (const auto& each : lost)
    each->reject(
        error_code::no_answer,
        "the backend went away before it answered: it may have been done, look before you try again");
  tell_board();
}

void service_desk::look() {
  const auto now = where().now();
  // With too many questions open nothing is read: that nobody is heard then says nothing of anybody.
  if (!socket_.wants_reading()) {
    book_.all_heard(now);
    after(look_every, [this] { look(); });
    return;
  }
  for (const auto& peer :
       book_.silent_since(now - std::chrono::milliseconds(engine_.settings.service.lease_ms)))
    lose_worker(peer, "it was not heard for service.lease_ms");
  for (const auto& each : book_.overdue(now)) {
    actors::bump(counters_.calls_overdue);
    each->reject(error_code::no_answer,
                 "the backend did not answer within service.call_ms: it may have been done, look before you "
                 "try again");
  }
  counters_.workers.store(book_.workers(), std::memory_order_relaxed);
  counters_.open_calls.store(book_.open_calls(), std::memory_order_relaxed);
  after(look_every, [this] { look(); });
}

void service_desk::tell_board() {
  auto now = book_.types();
  for (const auto& each : claimed_)
    if (!now.contains(each)) engine_.claims.release(each, owner);
  claimed_ = std::move(now);
}

}  // namespace tickcast::feeds
