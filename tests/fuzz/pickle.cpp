#include "access/pickle.hpp"

#include <cstdint>

#include "tests/fuzz/finding.hpp"

namespace {

std::size_t depth_of(const nlohmann::json& value) {
  std::size_t deepest = 0;
  for (const auto& each : value)
    if (each.is_structured()) deepest = std::max(deepest, depth_of(each));
  return deepest + 1;
}

}  // namespace

/// Whatever comes, what is read keeps the bounds and reads the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const tickcast::access::pickle_limits limits{.bytes = 4096, .depth = 8, .values = 500};
  const auto read = tickcast::access::read_pickle(bytes, limits);
  if (!read) {
    tickcast::protocol::require(!read.error().message.empty(), "a refusal has a sentence");
    return 0;
  }
  if (read->is_structured())
    tickcast::protocol::require(depth_of(*read) <= limits.depth, "no deeper than the limit");
  const auto again = tickcast::access::read_pickle(bytes, limits);
  tickcast::protocol::require(
      again && again->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) ==
                   read->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
      "the same again");
  return 0;
}
