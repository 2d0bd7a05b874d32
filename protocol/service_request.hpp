#pragma once
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "protocol/codes.hpp"
#include "protocol/error.hpp"
#include "protocol/frame.hpp"

namespace tickcast::protocol {

/// What a backend sends to the service ROUTER: `{"type":…, "id":…, "data":…}`, in JSON or MessagePack.
struct service_request {
  std::string type;
  std::string id;                ///< as JSON text: a string or a whole number; empty: there is none
  nlohmann::json data;           ///< an object, of a question or command; empty when there was none
  encoding as = encoding::json;  ///< of the question and so of its answer
  std::string data_text;         ///< `data` as JSON with all digits, "null" when there was none
  std::string error_text;        ///< the same of `error`, of an answer; empty when there was none
  std::string key;               ///< idempotency_key
};

/// Whether a message of this type is no question: it may have no id, its `data` may be anything, and it gets
/// no reply.
bool is_unanswered(std::string_view type) noexcept;

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
/// The payload of a reply from JSON text.
std::string encode_service_data(encoding as, std::string_view json);

/// What a client sends to whoever has claimed its type.
struct service_call {
  std::string_view id;  ///< empty: nobody waits for an answer
  std::string_view type;
  std::string_view user;  ///< empty: anonymous
  std::string_view name;
  std::span<const std::string> groups;
  std::string_view client;
  std::string_view data;  ///< compact JSON
};
std::string encode_service_call(encoding as, const service_call& what);

}  // namespace tickcast::protocol
