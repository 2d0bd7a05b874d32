#pragma once
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/http_content.hpp"
#include "protocol/field_mask.hpp"
#include "protocol/json_writer.hpp"
#include "protocol/msgpack_writer.hpp"

namespace tickcast::net::api {

/// `write` describes an answer to a json_writer or a msgpack_writer; `room`: bytes it probably needs.
template <class Write>
http_content_ptr write_content(const http_form& form, std::size_t room, Write&& write) {
  auto buffer = protocol::begin_frame(room);
  if (form.encoding == protocol::encoding::json) {
    protocol::json_writer writer(buffer);
    write(writer);
  } else {
    protocol::msgpack_writer writer(buffer);
    write(writer);
  }
  return make_content(std::move(buffer), form);
}

/// The same, without what `by` does not show; null: all. `leave_out(encoding, payload, mask)` makes of the
/// payload a buffer with what is left.
template <class Write, class LeaveOut>
http_content_ptr write_content(const http_form& form, std::size_t room, const protocol::field_mask* by,
                               Write&& write, LeaveOut&& leave_out) {
  if (!by) return write_content(form, room, write);
  const auto whole = write_content({.encoding = form.encoding}, room, write);
  return make_content(leave_out(form.encoding, whole->body->payload(), *by), form);
}

/// The same where only JSON is spoken.
template <class Write>
http_content_ptr write_json(bool compress, std::size_t room, Write&& write) {
  auto buffer = protocol::begin_frame(room);
  {
    protocol::json_writer writer(buffer);
    write(writer);
  }
  return make_content(std::move(buffer), {.gzip = compress});
}

/// One array; `each` writes the value of a row.
template <class Writer, class Row, class Each>
void write_column(Writer& to, std::span<const Row> rows, Each&& each) {
  to.begin_array(rows.size());
  for (const auto& row : rows) each(row);
  to.end_array();
}

/// A number in its shortest form that reads back the same; what is no number is null.
template <class Writer>
void write_double(Writer& to, double value) {
  if (std::isfinite(value))
    to.floating(value);
  else
    to.null();
}

template <class Writer, class Whole>
void write_whole_or_null(Writer& to, const std::optional<Whole>& value) {
  if (value)
    to.whole(*value);
  else
    to.null();
}

}  // namespace tickcast::net::api
