#include "actors/runtime/observed.hpp"

#include <atomic>

#include "actors/runtime/log.hpp"

namespace tickcast::actors {
namespace {

std::atomic<std::uint64_t> failures{0};
std::atomic<std::uint64_t> unexpected{0};

}  // namespace

mishaps mishaps_so_far() noexcept {
  return {failures.load(std::memory_order_relaxed), unexpected.load(std::memory_order_relaxed)};
}

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
  failures.fetch_add(1, std::memory_order_relaxed);
  log(component::supervision).error("{} {} failed: {}", of.who.kind, of.who.name, what);
  of.set_last_error(what);
}

void report_unexpected(probe& of, const std::string& what) {
  unexpected.fetch_add(1, std::memory_order_relaxed);
  log(component::supervision).warn("{} {} has no handler for {}", of.who.kind, of.who.name, what);
  of.set_last_error("no handler for " + what);
}

std::int64_t wall_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::shared_ptr<probe> make_probe(identity who, caf::actor_control_block* of) {
  auto made = std::make_shared<probe>();
  made->who = std::move(who);
  made->id = of->id();
  made->actor = caf::weak_actor_ptr(of);
  made->started_us = wall_us();
  return made;
}

message_trace::row row_of(const caf::mailbox_element& element) {
  auto told = text_of(element.content());
  return {.at_us = wall_us(),
          .message = std::move(told.name),
          .text = std::move(told.text),
          .from = element.sender ? std::to_string(element.sender->id()) : std::string()};
}

}  // namespace tickcast::actors
