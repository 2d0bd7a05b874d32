#pragma once
#include <string>
#include <vector>

#include "net/admin/admin_request.hpp"

namespace tickcast::net::admin {

/// The admin API's paths. A path's `*` stands for one segment. Filled before the server starts.
class router {
public:
  void get(std::string path, admin_handler handler);
  void get(std::string path, admin_query handler);
  /// Acts: for operators, and entered in the audit log by its `action` word.
  void post(std::string path, std::string action, admin_handler handler);

  struct route {
    std::vector<std::string> segments;
    std::string action;  ///< empty: reads
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
