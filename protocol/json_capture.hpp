#pragma once
#include <cmath>
#include <string>
#include <string_view>

#include "protocol/json_writer.hpp"
#include "protocol/utf8.hpp"
#include "protocol/wire_value.hpp"

namespace tickcast::protocol {

/// Writes a part of a document, whatever its format, as compact JSON.
class json_capture {
public:
  explicit json_capture(std::string& to) : writer_(to) {}

  std::size_t size() const noexcept { return writer_.size(); }

  void begin_map() { writer_.begin_map(); }
  void end_map() { writer_.end_map(); }
  void begin_array() { writer_.begin_array(); }
  void end_array() { writer_.end_array(); }
  /// False when the name is not UTF-8.
  bool key(std::string_view name) {
    writer_.foreign_key(name);
    return is_valid_utf8(name);
  }
  /// False when JSON has no such value: bin, ext, NaN, infinities, text that is not UTF-8.
  bool value(wire_value v) {
    switch (v.is) {
      case wire_value::kind::null:
        writer_.null();
        return true;
      case wire_value::kind::boolean:
        writer_.boolean(v.boolean);
        return true;
      case wire_value::kind::natural:
        writer_.natural(v.natural);
        return true;
      case wire_value::kind::negative:
        writer_.whole(v.negative);
        return true;
      case wire_value::kind::single:
        return floating(v.single);
      case wire_value::kind::real:
        return floating(v.real);
      case wire_value::kind::number:
        writer_.json(v.text());
        return true;
      case wire_value::kind::text:
        writer_.text(v.text());
        return is_valid_utf8(v.text());
      case wire_value::kind::opaque:
      case wire_value::kind::nested:
        break;
    }
    writer_.null();
    return false;
  }

private:
  template <class Float>
  bool floating(Float value) {
    const bool finite = std::isfinite(value);
    writer_.floating(finite ? value : Float(0));
    return finite;
  }

  json_writer writer_;
};

}  // namespace tickcast::protocol
