#include "protocol/json_text.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

#include "protocol/feed_message.hpp"
#include "protocol/json_capture.hpp"
#include "protocol/json_writer.hpp"
#include "protocol/msgpack_writer.hpp"
#include "protocol/parse_json.hpp"

namespace tickcast::protocol {
namespace {

/// Writes what parse_json tells as MessagePack. Each map and array gets one byte for its header, which is
/// widened at its end if it has become too long for that.
class msgpack_transcoder {
public:
  explicit msgpack_transcoder(std::string& to) noexcept : to_(to), writer_(to) {}

  bool begin_map() { return open(); }
  bool end_map() { return close(0x80, 0xde); }
  bool begin_array() { return open(); }
  bool end_array() { return close(0x90, 0xdc); }
  bool key(std::string_view name) {
    writer_.plain(name);
    return true;
  }
  bool odd_key() { return false; }
  bool value(wire_value v) {
    count();
    switch (v.is) {
      case wire_value::kind::boolean:
        writer_.boolean(v.boolean);
        break;
      case wire_value::kind::natural:
        writer_.natural(v.natural);
        break;
      case wire_value::kind::negative:
        writer_.whole(v.negative);
        break;
      case wire_value::kind::number:
        writer_.floating(nearest_double(v.text()));
        break;
      case wire_value::kind::text:
        writer_.plain(v.text());
        break;
      default:
        writer_.null();
    }
    return true;
  }

private:
  struct container {
    std::size_t header;
    std::uint32_t count;
  };

  static double nearest_double(std::string_view text) noexcept {
    double result = 0;
    std::from_chars(text.data(), text.data() + text.size(), result);
    return result;
  }
  void count() {
    if (!open_.empty()) ++open_.back().count;
  }
  bool open() {
    count();
    open_.push_back({to_.size(), 0});
    to_ += '\0';
    return true;
  }
  bool close(unsigned short_header, unsigned header_16) {
    const container done = open_.back();
    open_.pop_back();
    if (done.count < 16) {
      to_[done.header] = static_cast<char>(short_header | done.count);
      return true;
    }
    const bool wide = done.count > 0xffff;
    std::array<char, 5> header{static_cast<char>(wide ? header_16 + 1 : header_16)};
    const std::size_t bytes = wide ? 4 : 2;
    for (std::size_t i = 0; i < bytes; ++i)
      header[bytes - i] = static_cast<char>(done.count >> (8 * i) & 0xff);
    to_.replace(done.header, 1, header.data(), bytes + 1);
    return true;
  }

  std::string& to_;
  msgpack_writer writer_;
  std::vector<container> open_;
};

/// Writes what parse_json tells as JSON again.
class json_compactor {
public:
  explicit json_compactor(std::string& to) : capture_(to) {}
  bool begin_map() {
    capture_.begin_map();
    return ++depth_ <= max_depth;
  }
  bool end_map() {
    capture_.end_map();
    --depth_;
    return true;
  }
  bool begin_array() {
    capture_.begin_array();
    return ++depth_ <= max_depth;
  }
  bool end_array() {
    capture_.end_array();
    --depth_;
    return true;
  }
  bool key(std::string_view name) {
    capture_.key(name);
    return true;
  }
  bool odd_key() { return false; }
  bool value(wire_value v) { return capture_.value(v); }

private:
  json_capture capture_;
  std::size_t depth_ = 0;
};

}  // namespace

expected<std::string> compact_json(std::string_view json) {
  std::string result;
  result.reserve(json.size());
  // The compactor owns the text until it ends; only then may the text move into the answer.
  const auto read = [&] {
    json_compactor compactor(result);
    return parse_json(json, compactor);
  }();
  switch (read) {
    case parse_end::whole:
      return result;
    case parse_end::stopped:
      return unexpected(error{errc::too_deep, "the JSON is nested deeper than 32 levels"});
    case parse_end::range:
      return unexpected(error{errc::number_overflow, "the JSON holds a number beyond 1e308"});
    case parse_end::broken:
      break;
  }
  return unexpected(error{errc::malformed, "the text is not JSON: check quotes, commas and brackets"});
}

void append_json_as_msgpack(std::string& to, std::string_view value) {
  const std::size_t before = to.size();
  msgpack_transcoder transcoder(to);
  if (parse_json(value, transcoder) == parse_end::whole) return;
  to.resize(before);
  msgpack_writer(to).null();
}

}  // namespace tickcast::protocol
