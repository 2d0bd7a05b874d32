#include "actors/runtime/observed.hpp"

#include <spdlog/spdlog.h>

namespace tickcast::actors {

std::string describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

void report_failure(probe& of, const std::string& what) {
  spdlog::error("{} {} failed: {}", of.who.kind, of.who.name, what);
  of.set_last_error(what);
}

void report_unexpected(probe& of, const std::string& what) {
  spdlog::warn("{} {} has no handler for {}", of.who.kind, of.who.name, what);
  of.set_last_error("no handler for " + what);
}

}  // namespace tickcast::actors
