#include <utility>

#include "actors/clients/client_room.hpp"
#include "actors/clients/connection.hpp"

namespace tickcast::actors {

connection_hold::connection_hold(connection_actor handle, connection* raw)
    : handle_(std::move(handle)), raw_(raw) {}

connection_hold::connection_hold(connection_hold&& other) noexcept
    : handle_(std::move(other.handle_)), raw_(std::exchange(other.raw_, nullptr)) {}

connection_hold& connection_hold::operator=(connection_hold&& other) noexcept {
  if (this != &other) {
    drop();
    handle_ = std::move(other.handle_);
    raw_ = std::exchange(other.raw_, nullptr);
  }
  return *this;
}

connection_hold::~connection_hold() {
  drop();
}

void connection_hold::receive(std::string&& message) {
  tell(handle_, client_message{std::make_shared<const std::string>(std::move(message))});
}

void connection_hold::drained() {
  tell(handle_, link_drained{});
}

std::optional<connection_hold::sight> connection_hold::look() const {
  if (!raw_) return std::nullopt;
  const auto& mine = raw_->look();
  return sight{mine.id,
               mine.who.name,
               mine.started_us,
               raw_->subscriptions,
               raw_->dropped,
               mine.all_received(),
               raw_->standing().who().user,
               raw_->standing().who().name};
}

void connection_hold::pass_time() {
  if (raw_) raw_->pass_time();
}

void connection_hold::drop() noexcept {
  if (!raw_) return;
  std::exchange(raw_, nullptr)->unlink();
  end(handle_);
  handle_ = nullptr;
}

}  // namespace tickcast::actors
