#include "net/session.hpp"

#include <algorithm>
#include <utility>

namespace tickcast::net {

void session_list::add(session_ptr entry) {
  entry->place_ = sessions_.size();
  sessions_.push_back(std::move(entry));
}

void session_list::remove(session& entry) {
  const auto place = entry.place_;
  if (place >= sessions_.size() || sessions_[place].get() != &entry) return;
  const session_ptr removed = std::move(sessions_[place]);
  if (place + 1 != sessions_.size()) {
    sessions_[place] = std::move(sessions_.back());
    sessions_[place]->place_ = place;
  }
  sessions_.pop_back();
  if (sessions_.capacity() > 64 && sessions_.size() < sessions_.capacity() / 4) sessions_.shrink_to_fit();
}

void session_list::each(const std::function<void(session&)>& visit) {
  const auto now = sessions_;
  for (const auto& entry : now) visit(*entry);
}

std::size_t session_list::some(std::size_t most, std::uint64_t run,
                               const std::function<void(session&)>& visit) {
  std::vector<session_ptr> now;
  for (std::size_t i = 0; i < sessions_.size() && now.size() < most; ++i)
    if (std::exchange(sessions_[i]->visited_, run) != run) now.push_back(sessions_[i]);
  for (const auto& entry : now) visit(*entry);
  return now.size();
}

void session_list::sweep(session::clock::time_point now, std::size_t slices) {
  const std::size_t count = (sessions_.size() + slices - 1) / slices;
  for (std::size_t i = 0; i < count && !sessions_.empty(); ++i) {
    if (cursor_ >= sessions_.size()) cursor_ = 0;
    const session_ptr entry = sessions_[cursor_++];
    entry->sweep(now);
  }
}

}  // namespace tickcast::net
