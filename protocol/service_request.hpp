#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "protocol/codes.hpp"
#include "protocol/error.hpp"
#include "protocol/frame.hpp"

namespace tickcast::protocol {

/// What a backend asks on the service ROUTER: `{"type":…, "id":…, "data":{…}}`, in JSON or MessagePack.
struct service_request {
  std::string type;
  std::string id;                ///< as JSON text: a string or a whole number
  nlohmann::json data;           ///< an object; empty when there was none
  encoding as = encoding::json;  ///< of the question and so of its answer
};

/// Why a question is not taken, and as much of it as an answer needs.
struct service_refusal {
  std::string id = "null";  ///< as JSON text
  encoding as = encoding::json;
  error_code code = error_code::bad_request;
  std::string message;
};

/// Errors: bad_request, with a sentence that says what to send instead.
tl::expected<service_request, service_refusal> decode_service_request(std::string_view body);

/// `payload` is encoded as the question was.
std::string encode_service_reply(const service_request& to, std::string_view payload);
std::string encode_service_error(const service_refusal& why);

}  // namespace tickcast::protocol
