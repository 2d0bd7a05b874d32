#include "tests/fuzz/checking_sink.hpp"

using namespace tickcast::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  checking_sink sink;
  decode_feed(as_text(data, size), feed_format::msgpack, sink);
  return 0;
}
