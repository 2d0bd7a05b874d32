#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "net/admin/admin_request.hpp"

namespace tickcast::net::admin {

/// The admin API's paths. A path's `*` stands for one segment. Filled before the server starts.
class router {
public:
  void get(std::string path, admin_handler handler);
  void get(std::string path, admin_query handler);
  /// Bytes of a body: of most routes, and of any.
  static constexpr std::size_t usual_body = 64 * 1024;
  static constexpr std::size_t largest_body = 16 * 1024 * 1024;

  /// What a POST may be besides.
  struct post_traits {
    std::size_t largest_body = usual_body;  ///< bytes; more than the usual is read of operators alone
    bool audits_itself = false;             ///< its handler enters what was done, see admin_server::enter
  };
  /// Acts: for operators, and entered in the audit log by its `action` word.
  void post(std::string path, std::string action, admin_handler handler) {
    post(std::move(path), std::move(action), post_traits{}, std::move(handler));
  }
  void post(std::string path, std::string action, post_traits traits, admin_handler handler);

  struct route {
    std::vector<std::string> segments;
    std::string action;  ///< empty: reads
    post_traits traits;
    admin_handler handler;
  };
  struct match {
    const route* found = nullptr;
    std::vector<std::string> args;
    bool path_exists = false;  ///< with another method
  };
  match find(bool acts, std::string_view path) const;

private:
  std::vector<route> routes_;
};

}  // namespace tickcast::net::admin
