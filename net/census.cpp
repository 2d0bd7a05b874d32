#include "net/census.hpp"

#include <memory>
#include <utility>

#include "net/shard_context.hpp"

namespace tickcast::net {
namespace {

/// Sessions visited before the sockets get a turn.
constexpr std::size_t visits_a_turn = 256;

struct census {
  shard_context& of;
  std::uint32_t shard;
  std::vector<session_ptr> sessions;
  std::size_t next = 0;
  std::vector<connection_row> rows;
  std::function<void(std::vector<connection_row>)> done;
};

void go_on(const std::shared_ptr<census>& job) {
  const auto end = std::min(job->sessions.size(), job->next + visits_a_turn);
  for (; job->next < end; ++job->next) {
    connection_row row;
    row.shard = job->shard;
    if (job->sessions[job->next]->describe(row)) job->rows.push_back(std::move(row));
  }
  if (job->next < job->sessions.size()) {
    job->of.host.post([job] { go_on(job); });
    return;
  }
  job->sessions.clear();
  job->done(std::move(job->rows));
}

}  // namespace

void take_census(shard_context& of, std::uint32_t shard,
                 std::function<void(std::vector<connection_row>)> done) {
  auto job = std::make_shared<census>(census{of, shard, of.sessions.all(), 0, {}, std::move(done)});
  job->rows.reserve(job->sessions.size());
  go_on(job);
}

}  // namespace tickcast::net
