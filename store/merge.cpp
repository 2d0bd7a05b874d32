#include "store/merge.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>

#include "store/amendments.hpp"
#include "store/block.hpp"

namespace tickcast::store {
namespace {

// What makes two rows the same.
std::string identity_of(const protocol::trade& row) {
  return row.id.is == protocol::trade_id::kind::none ? encode_block(std::span(&row, 1)) : id_key(row.id);
}
std::string identity_of(const protocol::quote& row) {
  return encode_block(std::span(&row, 1));
}

bool is_unique(const protocol::trade& row) {
  return row.id.is != protocol::trade_id::kind::none;
}
bool is_unique(const protocol::quote&) {
  return false;
}

// Rows of one time.
template <class Row>
void add_new(std::span<const Row> brought, std::span<const Row> present, std::vector<Row>& to) {
  std::unordered_map<std::string, std::size_t> there;
  for (const auto& row : present) ++there[identity_of(row)];
  for (const auto& row : brought) {
    auto& count = there[identity_of(row)];
    if (count == 0)
      to.push_back(row);
    else if (!is_unique(row))
      --count;
    if (is_unique(row)) count = 1;
  }
}

template <class Row>
std::span<const Row> take_time(std::span<const Row>& from, std::int64_t time_ns) {
  std::size_t count = 0;
  while (count < from.size() && from[count].time_ns == time_ns) ++count;
  const auto taken = from.first(count);
  from = from.subspan(count);
  return taken;
}

template <class Row>
std::vector<Row> new_among(std::span<const Row> brought, std::span<const Row> present) {
  std::vector<Row> rows;
  while (!brought.empty()) {
    const auto time_ns = brought.front().time_ns;
    while (!present.empty() && present.front().time_ns < time_ns) present = present.subspan(1);
    const auto there = take_time(present, time_ns);
    const auto these = take_time(brought, time_ns);
    if (there.empty() && these.size() == 1)
      rows.push_back(these.front());
    else
      add_new(these, there, rows);
  }
  return rows;
}

}  // namespace

std::vector<protocol::trade> what_is_new(std::span<const protocol::trade> brought,
                                         std::span<const protocol::trade> present) {
  return new_among(brought, present);
}

std::vector<protocol::quote> what_is_new(std::span<const protocol::quote> brought,
                                         std::span<const protocol::quote> present) {
  return new_among(brought, present);
}

}  // namespace tickcast::store
