#include "actors/topics/switchboard.hpp"

namespace tickcast::actors {

switchboard::switchboard(std::uint32_t shards) : shards_(shards) {
  lines_.version = 1;
  lines_.dispatchers.resize(shards);
  lines_.broadcasters.resize(shards);
  lines_.posts.resize(posts());
}

void switchboard::set_dispatcher(std::uint32_t shard, dispatcher_actor who) {
  std::lock_guard guard{mutex_};
  lines_.dispatchers[shard] = std::move(who);
  version_.store(++lines_.version, std::memory_order_release);
}

void switchboard::set_broadcaster(std::uint32_t shard, broadcaster_actor who) {
  std::lock_guard guard{mutex_};
  lines_.posts[shard] = who;
  lines_.broadcasters[shard] = std::move(who);
  version_.store(++lines_.version, std::memory_order_release);
}

void switchboard::set_directory(directory_actor who) {
  std::lock_guard guard{mutex_};
  lines_.directory = std::move(who);
  version_.store(++lines_.version, std::memory_order_release);
}

void switchboard::set_storage(storage_actor who) {
  std::lock_guard guard{mutex_};
  lines_.storage = std::move(who);
  version_.store(++lines_.version, std::memory_order_release);
}

void switchboard::set_gatekeeper(gatekeeper_actor who) {
  std::lock_guard guard{mutex_};
  lines_.gatekeeper = std::move(who);
  version_.store(++lines_.version, std::memory_order_release);
}

void switchboard::set_users(user_manager_actor who) {
  std::lock_guard guard{mutex_};
  lines_.users = std::move(who);
  version_.store(++lines_.version, std::memory_order_release);
}

void switchboard::set_presence(presence_actor who) {
  std::lock_guard guard{mutex_};
  lines_.presence = std::move(who);
  version_.store(++lines_.version, std::memory_order_release);
}

void switchboard::set_post(post_index post, listener_actor who) {
  std::lock_guard guard{mutex_};
  lines_.posts[post] = std::move(who);
  version_.store(++lines_.version, std::memory_order_release);
}

void switchboard::clear() {
  std::lock_guard guard{mutex_};
  for (auto& line : lines_.dispatchers) line = nullptr;
  for (auto& line : lines_.broadcasters) line = nullptr;
  for (auto& line : lines_.posts) line = nullptr;
  lines_.directory = nullptr;
  lines_.storage = nullptr;
  lines_.gatekeeper = nullptr;
  lines_.users = nullptr;
  lines_.presence = nullptr;
  version_.store(++lines_.version, std::memory_order_release);
}

switchboard::lines switchboard::copy() const {
  std::lock_guard guard{mutex_};
  return lines_;
}

broadcaster_actor switchboard::broadcaster(std::uint32_t shard) const {
  std::lock_guard guard{mutex_};
  return lines_.broadcasters[shard];
}

dispatcher_actor switchboard::dispatcher(std::uint32_t shard) const {
  std::lock_guard guard{mutex_};
  return lines_.dispatchers[shard];
}

directory_actor switchboard::directory() const {
  std::lock_guard guard{mutex_};
  return lines_.directory;
}

gatekeeper_actor switchboard::gatekeeper() const {
  std::lock_guard guard{mutex_};
  return lines_.gatekeeper;
}

user_manager_actor switchboard::users() const {
  std::lock_guard guard{mutex_};
  return lines_.users;
}

presence_actor switchboard::presence() const {
  std::lock_guard guard{mutex_};
  return lines_.presence;
}

bool switchboard::refresh(lines& mine) const {
  if (mine.version == version()) return false;
  mine = copy();
  return true;
}

}  // namespace tickcast::actors
