#include "access/callback_client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

namespace tickcast::access {
namespace {

using nlohmann::json;

constexpr std::size_t largest_answer = 64 * 1024;
/// Connections to the service; more questions wait for one of them.
constexpr long most_connections = 32;
constexpr std::chrono::milliseconds look_every{100};

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_integer() ? value.dump() : std::string();
}

/// A header's value must not end the header.
bool fits_a_header(std::string_view value) {
  return value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

refusal no_answer(std::string why) {
  return {reason::unreachable, "the service that knows users gave no answer: " + std::move(why)};
}

}  // namespace

struct callback_client::call {
  struct free_list {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };
  struct free_easy {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
  };
  std::unique_ptr<curl_slist, free_list> headers;
  std::unique_ptr<CURL, free_easy> easy;
  clock::time_point deadline;
  std::string question;
  std::string answer;
  taker done;

  void add_header(const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
  }
  static std::size_t take(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& to = static_cast<call*>(self)->answer;
    if (to.size() + count > largest_answer) return 0;
    to.append(bytes, count);
    return count;
  }
};

callback_client::callback_client(const config::callback_section& settings, std::string cookie, void* multi)
    : settings_(settings), cookie_(std::move(cookie)), multi_(multi) {
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, most_connections);
}

callback_client::~callback_client() {
  for (auto& [easy, one] : calls_) {
    curl_multi_remove_handle(multi_, easy);
    one->done(tl::unexpected(no_answer("the server stops")));
  }
}

void callback_client::ask(const credentials& shown, taker done) {
  auto one = std::make_unique<call>();
  one->done = std::move(done);
  one->deadline = clock::now() + std::chrono::milliseconds(settings_.timeout_ms);
  one->easy.reset(curl_easy_init());
  auto* easy = one->easy.get();
  if (!easy) return one->done(tl::unexpected(no_answer("out of memory")));
  json question = json::object();
  one->add_header("Content-Type: application/json");
  one->add_header("Expect:");
  if (!shown.session.empty()) {
    question["session"] = shown.session;
    if (fits_a_header(shown.session)) one->add_header("Cookie: " + cookie_ + "=" + shown.session);
  }
  if (!shown.token.empty()) {
    question["token"] = shown.token;
    if (fits_a_header(shown.token)) one->add_header("Authorization: Bearer " + shown.token);
  }
  if (!shown.api_key.empty()) {
    question["api_key"] = shown.api_key;
    if (fits_a_header(shown.api_key)) one->add_header("Authorization: ApiKey " + shown.api_key);
  }
  one->question = question.dump(-1, ' ', false, json::error_handler_t::replace);
  curl_easy_setopt(easy, CURLOPT_URL, settings_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(one->question.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, one->question.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, one->headers.get());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "tickcast");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.timeout_ms));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &call::take);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, one.get());
  if (const auto failed = curl_multi_add_handle(multi_, easy); failed != CURLM_OK)
    return one->done(tl::unexpected(no_answer(curl_multi_strerror(failed))));
  calls_.emplace(easy, std::move(one));
}

void callback_client::take_answers() {
  int left = 0;
  while (const auto* message = curl_multi_info_read(multi_, &left))
    if (message->msg == CURLMSG_DONE) end(message->easy_handle, message->data.result);
  // libcurl's own limit does not run while a question waits for a connection.
  const auto now = clock::now();
  if (now < next_look_) return;
  next_look_ = now + look_every;
  std::vector<void*> late;
  for (const auto& [easy, one] : calls_)
    if (one->deadline <= now) late.push_back(easy);
  for (auto* each : late) end(each, CURLE_OPERATION_TIMEDOUT);
}

void callback_client::end(void* easy, int result) {
  const auto found = calls_.find(easy);
  if (found == calls_.end()) return;
  const auto one = std::move(found->second);
  calls_.erase(found);
  curl_multi_remove_handle(multi_, easy);
  if (result != CURLE_OK)
    return one->done(tl::unexpected(no_answer(curl_easy_strerror(static_cast<CURLcode>(result)))));
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  one->done(read_callback_answer(status, one->answer));
}

verdict read_callback_answer(long status, std::string_view body) {
  if (status == 401 || status == 403)
    return refuse(reason::refused, "the service that knows users says no: sign in again");
  if (status != 200) return tl::unexpected(no_answer(fmt::format("status {}", status)));
  const auto said = json::parse(body, nullptr, false);
  if (!said.is_object()) return tl::unexpected(no_answer("its body is no JSON object"));
  identity who;
  who.user = text_of(said.value("user", json()));
  if (!who.signed_in()) return who;
  if (who.user.size() > 256) return tl::unexpected(no_answer("its `user` is too long"));
  who.by = proof::callback;
  who.name = text_of(said.value("name", json()));
  if (const auto groups = said.find("groups"); groups != said.end() && groups->is_array())
    for (const auto& each : *groups)
      if (auto group = text_of(each); !group.empty()) who.groups.push_back(std::move(group));
  if (const auto expires = said.find("expires"); expires != said.end() && !expires->is_null()) {
    if (!expires->is_number() || expires->get<double>() < 0 || expires->get<double>() > 1e11)
      return tl::unexpected(no_answer("its `expires` is no time in seconds since 1970"));
    who.expires_us = static_cast<std::int64_t>(expires->get<double>() * 1e6);
  }
  return who;
}

}  // namespace tickcast::access
