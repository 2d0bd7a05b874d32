#pragma once
#include <cstdint>
#include <string_view>

namespace tickcast::protocol {

/// What a JSON or MessagePack document holds where no map and no array stands. Text points into the document
/// or into the parser and is valid during the call only. Trivial on purpose: decoders keep arrays of them
/// unset.
struct wire_value {
  enum class kind : std::uint8_t {
    null,
    boolean,
    natural,  ///< a whole number from 0
    negative,
    single,  ///< MessagePack float32
    real,    ///< MessagePack float64
    number,  ///< JSON, with point or exponent or beyond 64 bits: as written, in text()
    text,
    opaque,  ///< MessagePack bin or ext, or anything else that JSON cannot say
    nested,  ///< a map or an array
  };
  kind is;
  std::uint32_t size;  ///< of the text
  union {
    bool boolean;
    std::uint64_t natural;
    std::int64_t negative;
    float single;
    double real;
    const char* chars;
  };

  bool has_text() const noexcept { return is == kind::text || is == kind::number; }
  std::string_view text() const noexcept { return {chars, size}; }

  static wire_value of_kind(kind k) noexcept {
    wire_value v;
    v.is = k;
    v.size = 0;
    v.natural = 0;
    return v;
  }
  static wire_value null() noexcept { return of_kind(kind::null); }
  static wire_value of_boolean(bool b) noexcept {
    wire_value v = of_kind(kind::boolean);
    v.boolean = b;
    return v;
  }
  static wire_value of_natural(std::uint64_t n) noexcept {
    wire_value v = of_kind(kind::natural);
    v.natural = n;
    return v;
  }
  static wire_value of_negative(std::int64_t n) noexcept {
    wire_value v = of_kind(kind::negative);
    v.negative = n;
    return v;
  }
  static wire_value of_single(float f) noexcept {
    wire_value v = of_kind(kind::single);
    v.single = f;
    return v;
  }
  static wire_value of_real(double d) noexcept {
    wire_value v = of_kind(kind::real);
    v.real = d;
    return v;
  }
  /// `k` is text or number.
  static wire_value of_text(std::string_view t, kind k = kind::text) noexcept {
    wire_value v = of_kind(k);
    v.chars = t.data();
    v.size = static_cast<std::uint32_t>(t.size());
    return v;
  }
};

/// How a parser ended.
///
/// parse_json and parse_msgpack tell a handler what a document holds, in its order:
///
///     bool begin_map();   bool key(std::string_view);   bool odd_key();   bool end_map();
///     bool begin_array(); bool end_array();             bool value(wire_value);
///
/// `odd_key` stands for a MessagePack key that is no string; its value follows. A handler that returns false
/// stops the parser. Handlers count nesting themselves and stop what is too deep.
enum class parse_end : std::uint8_t {
  whole,    ///< one document, nothing behind it
  broken,   ///< not the format, cut short, or followed by something
  range,    ///< JSON: a number beyond any double
  stopped,  ///< by the handler
};

}  // namespace tickcast::protocol
