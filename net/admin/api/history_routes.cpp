#include "net/admin/api/history_routes.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "actors/runtime/log.hpp"
#include "net/admin/api/console.hpp"
#include "protocol/feed_text.hpp"
#include "protocol/time_text.hpp"
#include "store/whole_times.hpp"

namespace tickcast::net::admin {
namespace {

using nlohmann::json;

constexpr std::size_t usual_rows = 10'000;
constexpr std::size_t topics_entered = 20;
constexpr std::size_t longest_what = 200;

/// A time of the query, or what stands for none; nothing: it is none.
std::optional<std::int64_t> time_of(const admin_request& request, std::string_view name,
                                    std::int64_t without) {
  const auto text = request.text(name);
  return text.empty() ? without : protocol::parse_query_time(text);
}

std::optional<std::size_t> limit_of(const admin_request& request) {
  const auto text = request.text("limit");
  if (text.empty()) return usual_rows;
  const auto limit = read_id(text);
  return limit && *limit > 0 && *limit <= history_routes::most_rows ? std::optional(*limit) : std::nullopt;
}

}  // namespace

history_routes::history_routes(admin_server& on, store::tick_store& of)
    : admin_(on), store_(of), idle_(on.context().get_executor()) {
  using q = const admin_request&;
  using a = const responder&;
  thread_.hand([] { ::pthread_setname_np(::pthread_self(), "history"); });
  admin_.api().post("/api/import", "import", {.largest_body = router::largest_body, .audits_itself = true},
                    [this](q request, a answer) { import_rows(request, answer); });
  admin_.api().get("/api/export",
                   admin_handler([this](q request, a answer) { export_rows(request, answer); }));
}

history_routes::~history_routes() {
  if (open_) close("the server was stopped before its end");
}

std::size_t history_routes::stop(std::chrono::milliseconds patience) {
  return thread_.stop(patience);
}

bool history_routes::hand(const responder& answer, readers::job job) {
  if (thread_.hand(std::move(job))) return true;
  answer(refuse(admin_error::too_many, "too many requests for history wait, or the server is stopping"));
  return false;
}

void history_routes::import_rows(const admin_request& request, const responder& answer) {
  if (!begin_or_go_on(request, answer)) return;
  const bool more = request.text("more") == "true";
  open_->busy = true;
  idle_.cancel();
  const bool handed = hand(
      answer, [this, body = request.body, answer, id = open_->id, more] { merge(body, answer, id, more); });
  if (!handed) close("it could not be taken");
}

/// False: refused, and answered.
bool history_routes::begin_or_go_on(const admin_request& request, const responder& answer) {
  const auto asked = request.text("import");
  if (asked.empty()) {
    if (open_) {
      answer(refuse(admin_error::conflict,
                    fmt::format("an import by {} is under way ({}); wait for its end", open_->who.name,
                                open_->what.empty() ? "unnamed" : open_->what)));
      return false;
    }
    open_ = open_import();
    open_->id = ++last_id_;
    open_->who = request.who;
    open_->remote = request.query.remote;
    open_->what = request.text("what").substr(0, longest_what);
    return true;
  }
  if (!open_ || read_id(asked) != open_->id || request.who.name != open_->who.name) {
    answer(refuse(admin_error::not_found, "there is no open import " + asked + "; begin a new one"));
    return false;
  }
  if (open_->busy) {
    answer(refuse(admin_error::conflict, "the rows before these are still being taken; wait for the answer"));
    return false;
  }
  return true;
}

/// On the thread for history.
void history_routes::merge(const std::string& body, const responder& answer, std::uint64_t id, bool more) {
  store::row_batch rows;
  merged outcome;
  try {
    protocol::decode_feed(body, protocol::feed_format::json, rows);
    outcome.topics = rows.topics();
    const auto done = rows.merge_into(store_);
    if (done)
      outcome.count = *done;
    else
      outcome.failure = "history cannot be written: " + done.error().message;
    outcome.count.refused = rows.refused();
  } catch (const std::exception& bug) {
    outcome.failure = fmt::format("the rows could not be taken: {}", bug.what());
    log(actors::component::admin).error("an import threw: {}", bug.what());
  }
  auto reply = outcome.failure.empty() ? admin::done({{"import", std::to_string(id)},
                                                      {"rows", outcome.count.rows},
                                                      {"new", outcome.count.fresh},
                                                      {"refused", outcome.count.refused},
                                                      {"complaints", rows.complaints()}})
                                       : refuse(admin_error::internal, outcome.failure);
  // Before the answer: who has it may go on at once.
  asio::post(admin_.context(), [this, outcome = std::move(outcome), more] { note(outcome, more); });
  answer(std::move(reply));
}

void history_routes::note(const merged& what, bool more) {
  if (!open_) return;
  open_->busy = false;
  open_->count += what.count;
  open_->topics.insert(what.topics.begin(), what.topics.end());
  if (!what.failure.empty()) return close(what.failure);
  if (!more) return close("done");
  idle_.expires_after(idle_time);
  idle_.async_wait([this](error_code ec) {
    if (!ec && open_ && !open_->busy) close("it was left off before its end");
  });
}

void history_routes::close(const std::string& outcome) {
  auto topics = json::array();
  for (const auto& each : open_->topics)
    if (topics.size() < topics_entered) topics.push_back(each);
  const json data{{"rows", open_->count.rows},
                  {"new", open_->count.fresh},
                  {"refused", open_->count.refused},
                  {"topics", std::move(topics)}};
  admin_.enter({now_us(), open_->who.name, std::string(to_string(open_->who.may)), open_->remote, "import",
                open_->what, data.dump(-1, ' ', false, json::error_handler_t::replace), outcome});
  open_.reset();
}

void history_routes::export_rows(const admin_request& request, const responder& answer) {
  const auto name = std::make_shared<const std::string>(request.text("topic"));
  const auto topic = protocol::parse_topic(*name);
  using kind = protocol::topic_kind;
  if (!topic || (topic->kind != kind::trade && topic->kind != kind::quote && topic->kind != kind::bar))
    return answer(
        refuse(admin_error::bad_request, "topic must be trade.SYMBOL, quote.SYMBOL or bar.INTERVAL.SYMBOL"));
  const auto from_ns = time_of(request, "from", std::numeric_limits<std::int64_t>::min());
  const auto to_ns = time_of(request, "to", std::numeric_limits<std::int64_t>::max());
  if (!from_ns || !to_ns)
    return answer(refuse(admin_error::bad_request, "from and to are microseconds since 1970 or ISO 8601"));
  const auto limit = limit_of(request);
  if (!limit)
    return answer(refuse(admin_error::bad_request, fmt::format("limit must be from 1 to {}", most_rows)));
  // `topic` looks into `name`.
  hand(answer, [this, answer, name, topic = *topic,
                which = store::range{*from_ns, *to_ns, *limit, store::keep::oldest}] {
    protocol::feed_text rows(',');
    const auto read = store::read_piece(store_, topic, which, rows);
    answer(read ? http_answer{.body = rows.take_array()}
                : refuse(admin_error::internal, "history cannot be read: " + read.error().message));
  });
}

}  // namespace tickcast::net::admin
