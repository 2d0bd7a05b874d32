#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/asio.hpp"
#include "net/http_handler.hpp"

namespace tickcast::net::admin {

/// What a token may do: a viewer reads, an operator acts too.
enum class role : std::uint8_t { viewer, operator_ };
std::string_view to_string(role of) noexcept;

/// Whose token it was.
struct admin_identity {
  std::string name;
  role may = role::viewer;
};

/// A request that has passed the gate.
struct admin_request {
  http_query query;
  std::string body;
  admin_identity who;
  std::vector<std::string> args;  ///< what stood for the `*` of the route, decoded

  /// The value of an optional parameter.
  std::string text(std::string_view name) const;
};

/// Why a request is refused: the API's own words (docs/admin-api.md).
enum class admin_error : std::uint8_t {
  bad_request,
  token,
  role,
  origin,
  host,
  not_found,
  method,
  conflict,
  too_large,
  too_many,
  internal,
  timeout,
};
http_answer refuse(admin_error code, std::string_view message);
http_answer json_answer(const nlohmann::json& body);
/// The id that stands in a path: digits and nothing else.
std::optional<std::uint64_t> read_id(std::string_view text);
/// Wall clock, µs UTC.
std::int64_t now_us();

/// Answers one request, from any thread; only the first answer counts. Copies share it. One that is dropped
/// without an answer answers with 500.
class responder {
public:
  using receiver = std::function<void(http_answer)>;

  /// `take` is called on the thread of `context`.
  responder(asio::io_context& context, receiver take);

  void operator()(http_answer answer) const;
  /// On the admin thread: unless an answer has come by then, `otherwise` gives it.
  void within(std::chrono::milliseconds time, std::function<http_answer()> otherwise) const;

private:
  struct state;
  std::shared_ptr<state> state_;
};

/// Called on the admin thread; must not block. What it throws becomes a 500.
using admin_handler = std::function<void(const admin_request&, const responder&)>;
/// One that answers at once.
using admin_query = std::function<http_answer(const admin_request&)>;

}  // namespace tickcast::net::admin
