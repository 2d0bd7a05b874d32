#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tickcast::actors {

class connection;

/// The connections of one shard, in no order. Shard's thread.
class shard_clients {
public:
  void add(connection& who);
  void remove(connection& who);
  std::size_t size() const noexcept { return all_.size(); }
  connection& operator[](std::size_t i) const noexcept { return *all_[i]; }

private:
  std::vector<connection*> all_;
};

}  // namespace tickcast::actors
