#include "tests/fuzz/command_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tickcast::protocol::check_command(tickcast::protocol::as_text(data, size),
                                    tickcast::protocol::encoding::json);
  return 0;
}
