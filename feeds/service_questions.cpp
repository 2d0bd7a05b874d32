#include "feeds/service_questions.hpp"

#include <fmt/format.h>

#include <atomic>
#include <stdexcept>
#include <utility>

namespace tickcast::feeds {

struct service_way::errand {
  explicit errand(ends to) : back(std::move(to)) {}
  errand(const errand&) = delete;
  errand& operator=(const errand&) = delete;
  ~errand() {
    if (!gone.exchange(true))
      back.refuse(protocol::error_code::internal, "a part of the server is just being restarted: ask again");
  }

  const ends back;
  std::atomic<bool> gone{false};
};

service_way::service_way(ends back) : errand_(std::make_shared<errand>(std::move(back))) {}

service_way::service_way(const protocol::service_request& question, taker back)
    : service_way(
          ends{[id = question.id, as = question.as, back](std::string_view payload) {
                 protocol::service_request of;
                 of.id = id;
                 of.as = as;
                 back(protocol::encode_service_reply(of, payload));
               },
               [id = question.id, as = question.as, back](protocol::error_code code, std::string why) {
                 back(protocol::encode_service_error({id, as, code, std::move(why)}));
               }}) {}

void service_way::reply(std::string_view payload) const {
  if (!errand_->gone.exchange(true)) errand_->back.reply(payload);
}

void service_way::refuse(protocol::error_code code, std::string why) const {
  if (!errand_->gone.exchange(true)) errand_->back.refuse(code, std::move(why));
}

void service_questions::add(std::string type, std::string owner, service_handler handler) {
  const auto [at, is_new] = by_type_.try_emplace(std::move(type), entry{owner, std::move(handler)});
  if (!is_new)
    throw std::invalid_argument(fmt::format("both {} and {} answer the service message {}: only one can",
                                            at->second.owner, owner, at->first));
}

const service_handler* service_questions::find(std::string_view type) const {
  const auto found = by_type_.find(type);
  return found == by_type_.end() ? nullptr : &found->second.handler;
}

std::string service_questions::types() const {
  std::string text;
  for (const auto& [type, each] : by_type_) text += (text.empty() ? "" : ", ") + type;
  return text;
}

}  // namespace tickcast::feeds
