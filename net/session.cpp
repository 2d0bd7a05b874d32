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

void session_list::some(std::size_t most, const std::function<void(session&)>& visit) {
  const std::vector<session_ptr> now(sessions_.begin(),
                                     sessions_.begin() + static_cast<std::ptrdiff_t>(std::min(most, size())));
  for (const auto& entry : now) visit(*entry);
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
