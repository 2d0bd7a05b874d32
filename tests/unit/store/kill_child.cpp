// Writes numbered rows into the store in a directory, from where it ends on, until it is killed.
#include <cstdlib>
#include <thread>

#include "tests/unit/store/kill.hpp"

int main(int count, char** arguments) {
  using namespace tickcast::store;
  if (count != 2) return EXIT_FAILURE;
  const std::string directory = arguments[1];
  shared_number safe(directory + "/safe");
  tick_store store(settings_of_kill(directory + "/store", true));
  const auto lane = store.open_lane();
  lane->name(0, "BTCUSDT");
  for (auto number = last_row(store);;) {
    for (std::uint64_t i = 0; i < rows_of_turn; ++i) {
      ++number;
      if (!lane->append(0, number, numbered(number))) return EXIT_FAILURE;
      if (number % rows_to_checkpoint == 0) lane->checkpoint(0, number, std::to_string(number));
    }
    lane->offset("sub", number);
    lane->commit();
    store.sync([&safe, number](const tickcast::protocol::expected<void>& done) {
      if (done) (*safe).store(number);
    });
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}
