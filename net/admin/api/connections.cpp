// Clients: /api/connections, /api/users, kicking and draining.
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "net/admin/api/console.hpp"
#include "net/admin/listing.hpp"
#include "net/server.hpp"
#include "protocol/codes.hpp"

namespace tickcast::net::admin {
namespace {

constexpr std::chrono::milliseconds patience{500};
/// A census is good for so long, however many consoles look.
constexpr std::chrono::milliseconds census_keeps{900};
/// One that a shard has not answered is given up after so long.
constexpr std::chrono::milliseconds census_lost{5000};
constexpr std::size_t longest_reason = 100;
constexpr std::chrono::seconds longest_drain{3600};

std::int64_t whole(std::uint64_t n) {
  return static_cast<std::int64_t>(n);
}

const std::vector<field<connection_row>>& connection_fields() {
  using r = const connection_row&;
  static const std::vector<field<connection_row>> fields{
      {"id", [](r c) { return std::to_string(c.id); }, true},
      {"actor", [](r c) { return std::to_string(c.id); }},
      {"remote", [](r c) { return c.remote; }, true},
      {"shard", [](r c) { return static_cast<std::int64_t>(c.shard); }},
      {"user", [](r c) { return c.user.empty() ? cell{} : cell{c.user}; }, true},
      {"name", [](r c) { return c.name.empty() ? cell{} : cell{c.name}; }, true},
      {"encoding", [](r c) { return c.encoding; }, true},
      {"opened", [](r c) { return c.opened_us; }},
      {"subscriptions", [](r c) { return whole(c.subscriptions); }},
      {"queue_bytes", [](r c) { return whole(c.queue_bytes); }},
      {"lag_ms", [](r c) { return c.lag_ms; }},
      {"rtt_ms", [](r c) { return c.rtt_us < 0 ? cell{} : cell{static_cast<double>(c.rtt_us) / 1000}; }},
      {"frames", [](r c) { return whole(c.frames); }},
      {"bytes", [](r c) { return whole(c.bytes); }},
      {"received", [](r c) { return whole(c.received); }},
      {"dropped", [](r c) { return whole(c.dropped); }},
      {"state", [](r c) { return c.state; }, true},
  };
  return fields;
}

/// Connections summed up by who is signed in; all who are not are one row.
struct user_row {
  std::string user, name;
  std::uint64_t connections = 0, subscriptions = 0, queue_bytes = 0, bytes = 0;
};

const std::vector<field<user_row>>& user_fields() {
  using r = const user_row&;
  static const std::vector<field<user_row>> fields{
      {"user", [](r u) { return u.user.empty() ? cell{} : cell{u.user}; }, true},
      {"name", [](r u) { return u.name.empty() ? cell{} : cell{u.name}; }, true},
      {"connections", [](r u) { return whole(u.connections); }},
      {"subscriptions", [](r u) { return whole(u.subscriptions); }},
      {"queue_bytes", [](r u) { return whole(u.queue_bytes); }},
      {"bytes", [](r u) { return whole(u.bytes); }},
  };
  return fields;
}

}  // namespace

/// What the shards said of their clients, and who waits for it.
struct console::census {
  std::mutex mutex;
  std::vector<connection_row> rows;
  std::size_t missing = 0;
  std::chrono::steady_clock::time_point at;
  // Admin thread.
  std::vector<std::function<void()>> waiting;
  bool whole = false;

  std::vector<connection_row> copy() {
    std::lock_guard guard{mutex};
    return rows;
  }
};

void console::with_connections(
    const responder& answer,
    std::function<http_answer(const std::vector<connection_row>&, bool complete)> make) {
  const auto now = std::chrono::steady_clock::now();
  // A shard that is stuck is not asked again at each look: what it was asked waits for it.
  if (!census_ || now - census_->at > (census_->whole ? census_keeps : census_lost)) {
    census_ = std::make_shared<census>();
    census_->at = now;
    census_->missing = clients_.shards();
    clients_.take_census([mine = census_, this](std::vector<connection_row> rows) {
      // On a shard's thread.
      bool last;
      {
        std::lock_guard guard{mine->mutex};
        mine->rows.insert(mine->rows.end(), std::make_move_iterator(rows.begin()),
                          std::make_move_iterator(rows.end()));
        last = --mine->missing == 0;
      }
      if (last)
        asio::post(admin_.context(), [mine] {
          mine->whole = true;
          for (const auto& each : std::exchange(mine->waiting, {})) each();
        });
    });
  }
  if (census_->whole) return answer(make(census_->rows, true));
  answer.within(patience, [mine = census_, make] { return make(mine->copy(), false); });
  census_->waiting.push_back([mine = std::weak_ptr(census_), make = std::move(make), answer] {
    if (const auto taken = mine.lock()) answer(make(taken->rows, true));
  });
}

void console::add_connection_routes() {
  admin_.api().get("/api/connections", [this](const admin_request& request, const responder& answer) {
    with_connections(answer, [request](const auto& rows, bool complete) {
      return list(request, rows, connection_fields(), complete);
    });
  });
  admin_.api().get("/api/users", [this](const admin_request& request, const responder& answer) {
    with_connections(answer, [request](const auto& rows, bool complete) {
      std::map<std::string, user_row> by_user;
      for (const auto& each : rows) {
        auto& user = by_user[each.user];
        user.user = each.user;
        if (!each.name.empty()) user.name = each.name;
        ++user.connections;
        user.subscriptions += each.subscriptions;
        user.queue_bytes += each.queue_bytes;
        user.bytes += each.bytes;
      }
      std::vector<user_row> users;
      for (auto& [name, row] : by_user) users.push_back(std::move(row));
      return list(request, users, user_fields(), complete);
    });
  });
  admin_.api().post("/api/connections/*/kick", "kick",
                    [this](const admin_request& request, const responder& answer) { kick(request, answer); });
  admin_.api().post("/api/drain", "drain", [this](const admin_request& request, const responder& answer) {
    const auto body = body_of(request);
    const auto seconds = body.is_object() ? body.value("seconds", nlohmann::json(30)) : nlohmann::json();
    if (!seconds.is_number() || seconds.get<double>() < 0 || seconds.get<double>() > longest_drain.count())
      return answer(refuse(admin_error::bad_request, "seconds must be a number from 0 to 3600"));
    clients_.drain(std::chrono::milliseconds(static_cast<std::int64_t>(seconds.get<double>() * 1000)));
    answer(done({{"connections", clients_.connections()}}));
  });
  admin_.api().post("/api/undrain", "undrain", [this](const admin_request&, const responder& answer) {
    if (!clients_.draining()) return answer(refuse(admin_error::conflict, "the server does not drain"));
    clients_.undrain();
    answer(done());
  });
}

void console::kick(const admin_request& request, const responder& answer) {
  const auto body = body_of(request);
  const auto code = body.is_object() ? body.value("code", nlohmann::json(3501)) : nlohmann::json();
  const auto reason =
      body.is_object() ? body.value("reason", nlohmann::json("kicked by an operator")) : nlohmann::json();
  if (!code.is_number_integer() || code < 3000 || code > 3999)
    return answer(refuse(admin_error::bad_request, "code must be a whole number from 3000 to 3999"));
  if (!reason.is_string() || reason.get_ref<const std::string&>().size() > longest_reason)
    return answer(refuse(admin_error::bad_request, "reason must be a text of at most 100 bytes"));
  const auto read = read_id(request.args[0]);
  if (!read) return answer(refuse(admin_error::not_found, "no connection " + request.args[0] + " is open"));
  const auto id = *read;
  const auto missing = std::make_shared<std::atomic<std::size_t>>(clients_.shards());
  clients_.kick(id, code.get<std::uint16_t>(), reason.get<std::string>(), [answer, missing, id](bool found) {
    if (found) return answer(done());
    if (missing->fetch_sub(1) == 1)
      answer(refuse(admin_error::not_found, "no connection " + std::to_string(id) + " is open"));
  });
  answer.within(patience, [] {
    return refuse(admin_error::timeout,
                  "its shard does not answer; it will be closed when the shard goes on");
  });
}

}  // namespace tickcast::net::admin
