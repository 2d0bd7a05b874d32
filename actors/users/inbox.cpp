#include "actors/users/inbox.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "actors/topics/stream.hpp"

namespace tickcast::actors {

std::string kept_message::to_bytes() const {
  const auto bytes =
      nlohmann::json::to_msgpack(nlohmann::json::array({at.epoch, at.seq, kind, data, time_us}));
  return {bytes.begin(), bytes.end()};
}

std::optional<kept_message> kept_message::from_bytes(std::string_view bytes) {
  const auto read = nlohmann::json::from_msgpack(bytes.begin(), bytes.end(), true, false);
  if (!read.is_array() || read.size() != 5 || !read[0].is_string() || !read[1].is_number_unsigned() ||
      !read[2].is_string() || !read[3].is_string() || !read[4].is_number_integer())
    return std::nullopt;
  kept_message made;
  made.at = {read[0].get<std::string>(), read[1].get<std::uint64_t>()};
  made.kind = read[2].get<std::string>();
  made.data = read[3].get<std::string>();
  made.time_us = read[4].get<std::int64_t>();
  return made;
}

kept_message& inbox::add(std::string kind, std::string data, std::int64_t time_us) {
  if (newest_.epoch.empty()) newest_.epoch = make_epoch();
  ++newest_.seq;
  kept_message made;
  made.at = newest_;
  made.kind = std::move(kind);
  made.data = std::move(data);
  made.time_us = time_us;
  return messages_.emplace_back(std::move(made));
}

std::vector<kept_message> inbox::trim(std::size_t most) {
  std::vector<kept_message> gone;
  while (messages_.size() > most) {
    gone.push_back(std::move(messages_.front()));
    messages_.pop_front();
  }
  return gone;
}

std::vector<kept_message> inbox::expire(std::int64_t before_us) {
  std::vector<kept_message> gone;
  while (!messages_.empty() && messages_.front().time_us < before_us) {
    gone.push_back(std::move(messages_.front()));
    messages_.pop_front();
  }
  return gone;
}

const kept_message* inbox::acknowledge(std::string_view epoch, std::uint64_t seq) {
  const auto found = std::find_if(messages_.begin(), messages_.end(), [&](const kept_message& each) {
    return each.at.seq == seq && each.at.epoch == epoch;
  });
  if (found == messages_.end() || found->acknowledged) return nullptr;
  found->acknowledged = true;
  return &*found;
}

std::vector<kept_message*> inbox::behind(const std::optional<protocol::message_position>& seen) {
  // What a device of another epoch says tells of the messages of that epoch alone.
  const bool is_known = seen && std::any_of(messages_.begin(), messages_.end(),
                                            [&](const auto& each) { return each.at.epoch == seen->epoch; });
  const bool is_of_now = seen && seen->epoch == newest_.epoch;
  std::vector<kept_message*> result;
  for (auto& each : messages_) {
    if (is_known && each.at.epoch == seen->epoch) {
      if (each.at.seq > seen->seq) result.push_back(&each);
    } else if (!each.acknowledged || (is_known && !is_of_now)) {
      result.push_back(&each);
    }
  }
  return result;
}

std::pair<std::uint64_t, std::uint64_t> inbox::missing(
    const std::optional<protocol::message_position>& seen) const {
  if (!seen || seen->epoch != newest_.epoch) return {0, 0};
  const auto oldest = std::find_if(messages_.begin(), messages_.end(),
                                   [&](const auto& each) { return each.at.epoch == newest_.epoch; });
  const auto first_kept = oldest == messages_.end() ? newest_.seq + 1 : oldest->at.seq;
  if (seen->seq + 1 >= first_kept) return {0, 0};
  return {seen->seq + 1, first_kept - 1};
}

std::vector<kept_message*> inbox::due(std::chrono::steady_clock::time_point now) {
  std::vector<kept_message*> result;
  for (auto& each : messages_)
    if (!each.acknowledged && each.sendings > 0 && each.due <= now) result.push_back(&each);
  return result;
}

std::chrono::steady_clock::time_point inbox::next_due() const {
  auto next = std::chrono::steady_clock::time_point::max();
  for (const auto& each : messages_)
    if (!each.acknowledged && each.sendings > 0) next = std::min(next, each.due);
  return next;
}

std::size_t inbox::waiting() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(messages_.begin(), messages_.end(), [](const auto& each) { return !each.acknowledged; }));
}

}  // namespace tickcast::actors
