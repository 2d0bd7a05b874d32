#include "net/admin/router.hpp"

#include <utility>

namespace tickcast::net::admin {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> result;
  while (!path.empty()) {
    path.remove_prefix(1);  // "/"
    const auto end = path.find('/');
    result.emplace_back(path.substr(0, end));
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
  }
  return result;
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& path,
          std::vector<std::string>& args) {
  if (pattern.size() != path.size()) return false;
  args.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "*")
      args.push_back(path[i]);
    else if (pattern[i] != path[i])
      return false;
  }
  return true;
}

}  // namespace

void router::get(std::string path, admin_handler handler) {
  routes_.push_back({split(path), {}, {}, std::move(handler)});
}

void router::get(std::string path, admin_query handler) {
  get(std::move(path),
      admin_handler([handler = std::move(handler)](const admin_request& request, const responder& answer) {
        answer(handler(request));
      }));
}

void router::post(std::string path, std::string action, post_traits traits, admin_handler handler) {
  routes_.push_back({split(path), std::move(action), traits, std::move(handler)});
}

router::match router::find(bool acts, std::string_view path) const {
  match result;
  const auto segments = split(path);
  for (const auto& each : routes_) {
    std::vector<std::string> args;
    if (!fits(each.segments, segments, args)) continue;
    result.path_exists = true;
    if (each.action.empty() == acts) continue;
    result.found = &each;
    result.args = std::move(args);
    return result;
  }
  return result;
}

}  // namespace tickcast::net::admin
