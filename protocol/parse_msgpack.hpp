#pragma once
#include <msgpack.hpp>
#include <string_view>

#include "protocol/wire_value.hpp"

namespace tickcast::protocol {

/// msgpack-cxx's events as those of wire_value.hpp. A key that is a map or an array is passed over.
template <class Handler>
class msgpack_events {
public:
  explicit msgpack_events(Handler& handler) noexcept : handler_(handler) {}

  bool visit_nil() { return plain(wire_value::null()); }
  bool visit_boolean(bool v) { return plain(wire_value::of_boolean(v)); }
  bool visit_positive_integer(std::uint64_t v) { return plain(wire_value::of_natural(v)); }
  bool visit_negative_integer(std::int64_t v) { return plain(wire_value::of_negative(v)); }
  bool visit_float32(float v) { return plain(wire_value::of_single(v)); }
  bool visit_float64(double v) { return plain(wire_value::of_real(v)); }
  bool visit_str(const char* text, std::uint32_t size) {
    if (!in_key_) return handler_.value(wire_value::of_text({text, size}));
    return key_depth_ != 0 || handler_.key({text, size});
  }
  bool visit_bin(const char*, std::uint32_t) { return plain(wire_value::of_kind(wire_value::kind::opaque)); }
  bool visit_ext(const char*, std::uint32_t) { return plain(wire_value::of_kind(wire_value::kind::opaque)); }

  bool start_array(std::uint32_t) { return in_key_ ? enter_key() : handler_.begin_array(); }
  bool start_array_item() { return true; }
  bool end_array_item() { return true; }
  bool end_array() { return in_key_ ? leave_key() : handler_.end_array(); }
  bool start_map(std::uint32_t) { return in_key_ ? enter_key() : handler_.begin_map(); }
  bool start_map_key() {
    if (key_depth_ == 0) in_key_ = true;
    return true;
  }
  bool end_map_key() {
    if (key_depth_ == 0) in_key_ = false;
    return true;
  }
  bool start_map_value() { return true; }
  bool end_map_value() { return true; }
  bool end_map() { return in_key_ ? leave_key() : handler_.end_map(); }

  void parse_error(std::size_t, std::size_t) { end_ = parse_end::broken; }
  void insufficient_bytes(std::size_t, std::size_t) { end_ = parse_end::broken; }
  bool referenced() const { return false; }
  void set_referenced(bool) {}

  parse_end end() const noexcept { return end_; }

private:
  /// Keys of ours are strings; one that nests is hostile, and msgpack-cxx keeps a stack for it.
  static constexpr int max_key_depth = 8;

  bool plain(const wire_value& v) {
    if (!in_key_) return handler_.value(v);
    return key_depth_ != 0 || handler_.odd_key();
  }
  bool enter_key() { return ++key_depth_ <= max_key_depth; }
  bool leave_key() { return --key_depth_ != 0 || handler_.odd_key(); }

  Handler& handler_;
  int key_depth_ = 0;
  bool in_key_ = false;
  parse_end end_ = parse_end::stopped;
};

/// Parses one MessagePack object. Lengths are checked against what is there before anything is done with
/// them.
template <class Handler>
parse_end parse_msgpack(std::string_view bytes, Handler& handler) {
  if (bytes.empty()) return parse_end::broken;
  msgpack_events<Handler> events(handler);
  std::size_t offset = 0;
  try {
    if (!msgpack::parse(bytes.data(), bytes.size(), offset, events)) return events.end();
  } catch (const msgpack::unpack_error&) {  // ext_size_overflow and its like
    return parse_end::broken;
  }
  return offset == bytes.size() ? parse_end::whole : parse_end::broken;
}

}  // namespace tickcast::protocol
