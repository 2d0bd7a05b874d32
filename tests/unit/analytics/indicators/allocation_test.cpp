#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "analytics/indicators/indicator.hpp"
#include "tests/unit/analytics/indicators/seeded_series.hpp"

namespace {

std::size_t allocations = 0;

}  // namespace

// For this whole program: every allocation is counted.
void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* place = std::malloc(bytes)) return place;
  throw std::bad_alloc{};
}
void operator delete(void* place) noexcept {
  std::free(place);
}
void operator delete(void* place, std::size_t) noexcept {
  std::free(place);
}

namespace tickcast::tests {
namespace {

TEST(indicator, allocates_nothing_while_it_runs_nor_when_it_becomes_another_of_its_kind) {
  using namespace analytics::indicators;
  const auto bars = seeded_series("walk", 300);
  for (const auto& function : catalogue()) {
    const auto call = parse_call(function.name).value();
    indicator running{call}, other{call};
    const auto before = allocations;
    for (const auto& bar : bars) {
      running.peek(bar);
      running.update(bar);
    }
    other = running;
    EXPECT_EQ(allocations, before) << function.name;
  }
  const auto before = allocations;
  const indicator one{parse_call("sma").value()};
  EXPECT_GT(allocations, before);
}

}  // namespace
}  // namespace tickcast::tests
