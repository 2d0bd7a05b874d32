#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "net/admin/admin_server.hpp"
#include "net/asio.hpp"
#include "net/readers.hpp"
#include "store/row_batch.hpp"
#include "store/store.hpp"

namespace tickcast::net::admin {

/// /api/import and /api/export (docs/admin-api.md). Both wait for a disk and so run on a thread of their own,
/// one request at a time. An import is one request or several; only one is open at a time, and it is entered
/// in the audit log once, when it ends or when nothing has come of it for `idle_time`.
///
/// Thread: the admin's, but construction, stop() and destruction, which are the program's. Must outlive the
/// admin server's thread.
class history_routes {
public:
  static constexpr std::chrono::seconds idle_time{5};
  static constexpr std::size_t most_waiting = 16;
  static constexpr std::size_t most_rows = 50'000;  ///< of an export's answer

  history_routes(admin_server& on, store::tick_store& of);
  history_routes(const history_routes&) = delete;
  history_routes& operator=(const history_routes&) = delete;
  /// After the admin server and this have stopped. Enters an import that is still open.
  ~history_routes();

  /// Takes nothing any more and waits for what runs, so that the store may be closed. As readers::stop().
  std::size_t stop(std::chrono::milliseconds patience);

private:
  struct open_import {
    std::uint64_t id = 0;
    admin_identity who;
    std::string remote;
    std::string what;
    store::import_count count;
    std::set<std::string> topics;
    bool busy = false;
  };
  struct merged {
    store::import_count count;
    std::vector<std::string> topics;
    std::string failure;  ///< empty: none
  };

  void import_rows(const admin_request& request, const responder& answer);
  bool begin_or_go_on(const admin_request& request, const responder& answer);
  void merge(const std::string& body, const responder& answer, std::uint64_t id, bool more);
  void note(const merged& what, bool more);
  void close(const std::string& outcome);
  void export_rows(const admin_request& request, const responder& answer);
  bool hand(const responder& answer, readers::job job);

  admin_server& admin_;
  store::tick_store& store_;
  std::optional<open_import> open_;
  std::uint64_t last_id_ = 0;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             executor>
      idle_;
  readers thread_{1, most_waiting};
};

}  // namespace tickcast::net::admin
