#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace tickcast::protocol {

/// Why a piece of input was refused. Each value has one counter in `/metrics` (label `reason`).
enum class errc : std::uint8_t {
  malformed = 1,     ///< not JSON, not MessagePack, or cut short
  not_a_map,         ///< the message (or an element of the array) is not a map
  missing_field,     ///< a field that the type needs is absent
  bad_field,         ///< a field has the wrong type or a value outside its range
  unknown_type,      ///< `type` names nothing this version knows
  unsupported,       ///< `type` is known, but this version does not take it yet
  bad_topic,         ///< the topic breaks the grammar or its length limit
  reserved_topic,    ///< the topic is written by the engine alone
  number_overflow,   ///< a decimal does not fit into 63 bits of digits
  too_deep,          ///< nested deeper than any message of ours needs
  too_large,         ///< more bytes, elements or topics than allowed
  too_many_symbols,  ///< a new symbol beyond `limits.topics`
  storage,           ///< history could not be read or written
};

/// The name of `code` as it stands in metrics and logs, e.g. "missing_field".
std::string_view to_string(errc code) noexcept;

/// A refusal: the code to count and a sentence that says what to change.
struct error {
  errc code;
  std::string message;
};

template <class T>
using expected = tl::expected<T, error>;

using tl::unexpected;

}  // namespace tickcast::protocol
