#include "net/origin.hpp"

#include <algorithm>
#include <cctype>

namespace tickcast::net {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

bool origin_allowed(std::string_view origin, std::string_view host, const std::vector<std::string>& allowed) {
  if (origin.empty()) return true;
  const auto scheme_end = origin.find("://");
  if (scheme_end != std::string_view::npos && !host.empty() &&
      equal_ignoring_case(origin.substr(scheme_end + 3), host))
    return true;
  return origin_listed(origin, allowed);
}

bool origin_named(std::string_view origin, const std::vector<std::string>& listed) {
  return !origin.empty() && std::any_of(listed.begin(), listed.end(), [&](const std::string& entry) {
    return equal_ignoring_case(entry, origin);
  });
}

bool origin_listed(std::string_view origin, const std::vector<std::string>& listed) {
  if (origin.empty()) return false;
  return origin_named(origin, listed) || std::find(listed.begin(), listed.end(), "*") != listed.end();
}

}  // namespace tickcast::net
