#pragma once
#include <nlohmann/json.hpp>
#include <string_view>

#include "protocol/wire_value.hpp"

namespace tickcast::protocol {

/// nlohmann's SAX events as those of wire_value.hpp.
template <class Handler>
class json_events {
public:
  using json = nlohmann::json;

  explicit json_events(Handler& handler) noexcept : handler_(handler) {}

  bool null() { return handler_.value(wire_value::null()); }
  bool boolean(bool v) { return handler_.value(wire_value::of_boolean(v)); }
  bool number_integer(json::number_integer_t v) {
    return handler_.value(v < 0 ? wire_value::of_negative(v)
                                : wire_value::of_natural(static_cast<std::uint64_t>(v)));
  }
  bool number_unsigned(json::number_unsigned_t v) { return handler_.value(wire_value::of_natural(v)); }
  bool number_float(json::number_float_t, const json::string_t& written) {
    return handler_.value(wire_value::of_text(written, wire_value::kind::number));
  }
  bool string(json::string_t& v) { return handler_.value(wire_value::of_text(v)); }
  bool binary(json::binary_t&) { return handler_.value(wire_value::of_kind(wire_value::kind::opaque)); }
  bool start_object(std::size_t) { return handler_.begin_map(); }
  bool key(json::string_t& v) { return handler_.key(v); }
  bool end_object() { return handler_.end_map(); }
  bool start_array(std::size_t) { return handler_.begin_array(); }
  bool end_array() { return handler_.end_array(); }
  bool parse_error(std::size_t, const std::string&, const json::exception& why) {
    constexpr int out_of_range = 406;
    end_ = why.id == out_of_range ? parse_end::range : parse_end::broken;
    return false;
  }

  parse_end end() const noexcept { return end_; }

private:
  Handler& handler_;
  parse_end end_ = parse_end::stopped;
};

/// Parses one JSON text (RFC 8259, UTF-8). Nothing of it is kept in memory.
template <class Handler>
parse_end parse_json(std::string_view text, Handler& handler) {
  json_events<Handler> events(handler);
  const bool whole = nlohmann::json::sax_parse(text.data(), text.data() + text.size(), &events);
  return whole ? parse_end::whole : events.end();
}

}  // namespace tickcast::protocol
