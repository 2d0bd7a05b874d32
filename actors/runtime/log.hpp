#pragma once
#include <spdlog/logger.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace tickcast::actors {

/// The parts of the program whose log level is set each by itself.
enum class component : std::uint8_t {
  server,
  supervision,
  topics,
  clients,
  net,
  feeds,
  plugins,
  storage,
  admin
};
inline constexpr std::size_t component_count = 9;
std::string_view to_string(component of) noexcept;

/// The component's logger; the process's default one until `set_logger` was called. Any thread; never waits.
spdlog::logger& log(component of);
/// Before other threads log.
void set_logger(component of, std::shared_ptr<spdlog::logger> to);

}  // namespace tickcast::actors
