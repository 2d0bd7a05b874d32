#pragma once
#include <cstdint>
#include <utility>

#include "actors/actors.hpp"

namespace tickcast::actors {

/// Travels with a command to the broadcaster. When none takes the command, because it is just being
/// restarted, the connection is told, so that every command gets its answer.
class command_passage {
public:
  command_passage(connection_actor from, std::uint64_t id) : from_(std::move(from)), id_(id) {}
  command_passage(const command_passage&) = delete;
  command_passage& operator=(const command_passage&) = delete;
  ~command_passage() { tell(from_, command_lost{id_}); }

  /// The command has arrived.
  void end() noexcept { from_ = nullptr; }

private:
  connection_actor from_;
  std::uint64_t id_;
};

}  // namespace tickcast::actors
