#include "actors/runtime/log.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace tickcast::actors {
namespace {

std::array<std::shared_ptr<spdlog::logger>, component_count>& loggers() {
  static std::array<std::shared_ptr<spdlog::logger>, component_count> all;
  return all;
}

}  // namespace

std::string_view to_string(component of) noexcept {
  constexpr std::array<std::string_view, component_count> words{
      "server", "supervision", "topics", "clients", "net", "feeds", "plugins", "storage", "admin"};
  return words[static_cast<std::size_t>(of)];
}

spdlog::logger& log(component of) {
  auto* mine = loggers()[static_cast<std::size_t>(of)].get();
  return mine ? *mine : *spdlog::default_logger_raw();
}

void set_logger(component of, std::shared_ptr<spdlog::logger> to) {
  loggers()[static_cast<std::size_t>(of)] = std::move(to);
}

}  // namespace tickcast::actors
