#include "protocol/service_request.hpp"
#include "tests/fuzz/checking_sink.hpp"
#include "tests/fuzz/finding.hpp"

using namespace tickcast::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  checking_sink sink;
  decode_service(as_text(data, size), sink);
  if (const auto question = decode_service_request(as_text(data, size))) {
    const auto answer = decode_service_request(encode_service_reply(*question, "{}"));
    require(question->as != encoding::json || (answer && answer->id == question->id),
            "an answer has lost its id");
  }
  return 0;
}
