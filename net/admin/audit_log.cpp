#include "net/admin/audit_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "actors/runtime/log.hpp"

namespace tickcast::net::admin {
namespace {

nlohmann::json to_json(const audit_entry& of) {
  return {{"at", of.at_us},      {"who", of.who},       {"role", of.role}, {"remote", of.remote},
          {"action", of.action}, {"target", of.target}, {"data", of.data}, {"outcome", of.outcome}};
}

audit_entry from_json(const nlohmann::json& line) {
  const auto text = [&](const char* name) { return line.value(name, std::string()); };
  return {line.value("at", std::int64_t{0}),
          text("who"),
          text("role"),
          text("remote"),
          text("action"),
          text("target"),
          text("data"),
          text("outcome")};
}

}  // namespace

audit_log::audit_log(const std::string& path) {
  if (path.empty()) return;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const auto read = nlohmann::json::parse(line, nullptr, false);
    if (!read.is_object()) continue;
    entries_.push_back(from_json(read));
    if (entries_.size() > kept) entries_.pop_front();
  }
  fd_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0)
    throw std::runtime_error(
        fmt::format("the audit log {} cannot be opened: {}", path, std::strerror(errno)));
}

audit_log::~audit_log() {
  if (fd_ >= 0) ::close(fd_);
}

void audit_log::add(audit_entry what) {
  const auto line = to_json(what).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  actors::log(actors::component::admin)
      .info("{} ({}) {} {} {}: {}", what.who, what.remote, what.action, what.target, what.data, what.outcome);
  if (fd_ >= 0 && ::write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    ++failures_;
    actors::log(actors::component::admin).error("the audit log cannot be written: {}", std::strerror(errno));
  }
  entries_.push_back(std::move(what));
  if (entries_.size() > kept) entries_.pop_front();
}

}  // namespace tickcast::net::admin
